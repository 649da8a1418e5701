import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientStateSuite } from '@sealwire/store/testkit';
import { afterAll, describe, it } from 'vitest';
import { openFileState } from '../src/index.js';
import { openState } from '../src/open.js';
import { SimulatedDisk } from './simulated-disk.js';

const base = mkdtempSync(join(tmpdir(), 'sealwire-store-file-'));
const folders = new WeakMap<object, string>();
let count = 0;

afterAll(() => rmSync(base, { recursive: true, force: true }));

async function open(folder = join(base, `${count++}`)) {
  const state = await openFileState(folder);
  folders.set(state, folder);
  return state;
}

describe('on this file system', () => {
  clientStateSuite({ describe, it }, () => open(), {
    reopen: async (state) => {
      await state.close();
      return open(folders.get(state));
    },
    openBounded: ({ outboxEntries }) =>
      openFileState(join(base, `${count++}`), { maxOutboxEntries: outboxEntries }),
  });
});

describe('after a power cut', () => {
  const disks = new WeakMap<object, SimulatedDisk>();

  async function openSimulated(disk = new SimulatedDisk()) {
    const state = await openState(disk, '/state', {});
    disks.set(state, disk);
    return state;
  }

  clientStateSuite({ describe, it }, () => openSimulated(), {
    reopen: (state) => {
      const disk = disks.get(state);
      disk?.powerCut(() => 0);
      return openSimulated(disk);
    },
  });
});
