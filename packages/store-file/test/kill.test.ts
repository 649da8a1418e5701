import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { openFileState } from '../src/index.js';
import { History } from './history.js';
import { kill, readLog, startWorker } from './worker.js';

const { SEALWIRE_KILLS = 20, SEALWIRE_SEED = 1 } = process.env;
const kills = Number(SEALWIRE_KILLS);
const BOUNDS = { maxOutboxEntries: 10_000 };
const base = mkdtempSync(join(tmpdir(), 'sealwire-kill-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

it(
  'has everything that was confirmed, and nothing half, after each kill under load',
  async () => {
    const folder = join(base, 'state');
    const log = join(base, 'log');
    const history = new History(BOUNDS);
    let confirmed = 0;
    for (let round = 0; round < kills; round++) {
      const seed = Number(SEALWIRE_SEED) * 1_000_003 + round;
      writeFileSync(log, '');
      const worker = await startWorker(folder, log, seed);
      // From the first call on, to some hundred flushes later.
      await sleep(((seed * 7_919) % 97) * 1.5);
      await kill(worker);
      const before = history.length;
      for (const line of readLog(log)) {
        if ('call' in line) expect(await history.call(line.call)).toBeUndefined();
        else {
          history.confirm(before + line.confirmed + 1);
          confirmed += 1;
        }
      }
      const state = await openFileState(folder);
      await history.found(await state.load()).catch((error) => {
        throw new Error(`round ${round}, SEALWIRE_SEED=${SEALWIRE_SEED}`, { cause: error });
      });
      await state.close();
    }
    expect(confirmed, 'there was work').toBeGreaterThan(kills * 5);
  },
  20_000 + kills * 2_000,
);
