import type { ClientState } from '@sealwire/store';
import { describe, expect, it } from 'vitest';
import { openState } from '../src/open.js';
import { codeOf, History, perform } from './history.js';
import { play, type Step } from './play.js';
import { type Fault, SimulatedDisk } from './simulated-disk.js';

const BOUNDS = { maxOutboxEntries: 100 };
const OPTIONS = { ...BOUNDS, compactBytes: 4_096 };

/** Appends, trims, saves and a replacement of the journal, alone and many in one flush. */
const SCRIPT: readonly Step[] = [
  { kind: 'append', sizes: [10] },
  { kind: 'wait' },
  { kind: 'save', change: { sequenceOffset: -1n, pin: new Uint8Array(100).fill(9) } },
  { kind: 'append', sizes: [300, 900] },
  { kind: 'append', sizes: [0, 0, 0] },
  { kind: 'wait' },
  { kind: 'trim', part: 0.5 },
  { kind: 'save', change: { reservedOrder: 9n } },
  { kind: 'turn' },
  { kind: 'append', sizes: [2_000, 1] },
  { kind: 'save', change: { savedOrder: 4n } },
  { kind: 'wait' },
  { kind: 'trim', part: 1 },
  { kind: 'append', sizes: [700] },
  { kind: 'save', change: { pin: null } },
  { kind: 'wait' },
  { kind: 'save', change: { savedOrder: 8n } },
  { kind: 'append', sizes: [1, 2, 3] },
  { kind: 'wait' },
];

async function calls(): Promise<readonly string[]> {
  const disk = new SimulatedDisk();
  await play(await openState(disk, '/state', OPTIONS), new History(BOUNDS), SCRIPT);
  return disk.calls;
}

/** Opens and plays with a fault at one call; tells how it ended. */
async function withFault(disk: SimulatedDisk, history: History, at: number, fault: Fault) {
  disk.fault = (_call, number) => (number === at ? fault : undefined);
  const opened = await openState(disk, '/state', OPTIONS).catch((error) => codeOf(error));
  if (typeof opened === 'string') return { failure: opened, state: undefined };
  return { failure: await play(opened, history, SCRIPT), state: opened };
}

const script = await calls();

it('reaches every kind of call', () => {
  const kinds = new Set(script.map((call) => call.split(' ')[0]));
  expect([...kinds].sort()).toEqual(
    [
      'close',
      'create',
      'dataSync',
      'lock',
      'makeFolder',
      'read',
      'rename',
      'sync',
      'syncFolder',
      'write',
    ].sort(),
  );
  expect(script.filter((call) => call === 'rename journal.new').length).toBeGreaterThan(1);
});

describe.each([
  ['ENOSPC', 'E_DISK_FULL'],
  ['EDQUOT', 'E_DISK_FULL'],
  ['EIO', 'E_IO'],
] as const)('%s at any call', (fault, code) => {
  it.each(['a restart', 'a power cut'])(
    `is ${code}, and after %s all that resolved is there`,
    async (how) => {
      for (const [at, call] of script.entries()) {
        const disk = new SimulatedDisk();
        const history = new History(BOUNDS);
        const { failure, state } = await withFault(disk, history, at, fault);
        expect(failure, call).toBe(code);
        if (state) await refusesAll(state, code);
        await state?.close();
        if (how === 'a power cut') disk.powerCut((below) => at % below);
        else disk.kill();
        await reopen(disk, history);
      }
    },
  );
});

it('finishes a write that was done in part', async () => {
  for (const [at, call] of script.entries()) {
    if (!call.startsWith('write')) continue;
    const disk = new SimulatedDisk();
    const history = new History(BOUNDS);
    const { failure } = await withFault(disk, history, at, 'short');
    expect(failure, call).toBeUndefined();
    disk.powerCut(() => 0);
    await reopen(disk, history);
  }
});

it('has all that resolved after a stop at any call, whatever of the rest reached the disk', async () => {
  for (const at of script.keys()) {
    for (const choice of [0, 1, 2, 3]) {
      const disk = new SimulatedDisk();
      const history = new History(BOUNDS);
      const stopped = new Promise<void>((resolve) => {
        disk.fault = (_call, number) => {
          if (number !== at) return undefined;
          // The promises of finished calls get their turn before the process is gone.
          setImmediate(resolve);
          return 'stop';
        };
      });
      void openState(disk, '/state', OPTIONS).then((state) => play(state, history, SCRIPT));
      await stopped;
      if (choice === 0) disk.kill();
      else disk.powerCut((below) => (choice * 7 + at) % below);
      await reopen(disk, history);
    }
  }
});

it('survives a fault of the first restart as well', async () => {
  const disk = new SimulatedDisk();
  const history = new History(BOUNDS);
  await play(await openState(disk, '/state', OPTIONS), history, SCRIPT.slice(0, 6));
  disk.kill();
  for (let at = 0; ; at++) {
    disk.calls.length = 0;
    disk.fault = (_call, number) => (number === at ? 'EIO' : undefined);
    const opened = await openState(disk, '/state', OPTIONS).catch((error) => codeOf(error));
    if (typeof opened !== 'string') break;
    expect(opened).toBe('E_IO');
    disk.powerCut((below) => at % below);
  }
  disk.powerCut(() => 0);
  await reopen(disk, history);
});

it('is told with its cause, and again to every later call', async () => {
  const disk = new SimulatedDisk();
  const state = await openState(disk, '/state', {});
  disk.fault = (call) => (call.startsWith('dataSync') ? 'ENOSPC' : undefined);
  const call = { kind: 'append', from: 0n, sizes: [3] } as const;
  const error = await perform(state, call).catch((caught) => caught);
  expect(error.message).toMatch(/^\/state: no room \(ENOSPC\)/);
  expect(error.cause.code).toBe('ENOSPC');
  // Neither E_SEQUENCE for what the disk does not have, nor E_ARGUMENT: the first failure is what matters.
  expect(await perform(state, call).catch((caught) => caught)).toBe(error);
  expect(await state.trim(99n).catch((caught) => caught)).toBe(error);
});

async function refusesAll(state: ClientState, code: string): Promise<void> {
  for (const call of [state.load(), state.append([]), state.trim(-1n), state.save({})]) {
    await expect(call).rejects.toMatchObject({ code });
  }
}

/** What is found is right, and goes on to work. */
async function reopen(disk: SimulatedDisk, history: History): Promise<void> {
  disk.calls.length = 0;
  const state = await openState(disk, '/state', OPTIONS);
  await history.found(await state.load());
  expect(await play(state, history, SCRIPT)).toBeUndefined();
  disk.powerCut(() => 0);
  const again = await openState(disk, '/state', OPTIONS);
  await history.found(await again.load());
  await again.close();
}
