import { expect, it } from 'vitest';
import { openState } from '../src/open.js';
import { perform } from './history.js';
import { SimulatedDisk } from './simulated-disk.js';

const APPEND = ['write journal.new', 'dataSync journal.new'];
const REPLACE = [
  'create journal.new',
  'close journal.new',
  'write journal.new',
  'write journal.new',
  'sync journal.new',
  'rename journal.new',
  'syncFolder state',
];

async function opened(compactBytes?: number) {
  const disk = new SimulatedDisk();
  const state = await openState(disk, '/state', compactBytes === undefined ? {} : { compactBytes });
  const first = disk.calls.splice(0);
  return { disk, state, first };
}

const one = (from: bigint, size = 10) => ({ kind: 'append', from, sizes: [size] }) as const;

it('locks before it reads, and flushes a new journal under another name before it gives it the name', async () => {
  const { first } = await opened();
  expect(first).toEqual([
    'makeFolder state',
    'lock state',
    'read journal',
    ...REPLACE.filter((call) => !call.startsWith('close')),
  ]);
});

it('writes, then flushes, then resolves', async () => {
  const { disk, state } = await opened();
  let resolved = 0;
  const append = perform(state, one(0n)).then(() => {
    resolved = disk.calls.length;
  });
  await append;
  expect(disk.calls).toEqual(APPEND);
  expect(resolved).toBe(2);
});

it('makes one flush of the calls of one turn, and one of those made during a flush', async () => {
  const { disk, state } = await opened();
  const during: Promise<void>[] = [];
  disk.fault = (call) => {
    if (call.startsWith('dataSync') && during.length === 0) {
      for (let i = 0; i < 50; i++) during.push(perform(state, one(100n + BigInt(i))));
    }
    return undefined;
  };
  await Promise.all(Array.from({ length: 100 }, (_, i) => perform(state, one(BigInt(i)))));
  await Promise.all(during);
  expect(disk.calls).toEqual([...APPEND, ...APPEND]);
  expect((await state.load()).outbox.length).toBe(150);
});

it('makes one small record of many saves', async () => {
  const { disk, state } = await opened();
  await Promise.all(Array.from({ length: 1_000 }, (_, i) => state.save({ savedOrder: BigInt(i) })));
  expect(disk.calls).toEqual(APPEND);
  expect(await readLength(disk)).toBe(3 * 512);
  disk.powerCut(() => 0);
  expect((await (await openState(disk, '/state', {})).load()).savedOrder).toBe(999n);
});

it('writes nothing where nothing changes', async () => {
  const { disk, state } = await opened();
  await Promise.all([state.append([]), state.trim(-1n), state.save({}), state.save({ savedOrder: -1n })]);
  expect(disk.calls).toEqual([]);
});

it('waits with a call that changes nothing for the flush of what it is based on', async () => {
  const { disk, state } = await opened();
  void perform(state, one(0n));
  await state.save({});
  expect(disk.calls).toEqual(APPEND);
});

it('does not write what was trimmed before it could be', async () => {
  const { disk, state } = await opened();
  await Promise.all([
    state.append([0n, 1n, 2n].map((index) => ({ index, json: new Uint8Array(50_000) }))),
    state.trim(1n),
    perform(state, one(3n)),
    perform(state, one(4n)),
  ]);
  expect(disk.calls).toEqual(APPEND);
  expect(await readLength(disk)).toBeLessThan(60_000);
  disk.kill();
  const saved = await (await openState(disk, '/state', {})).load();
  expect(saved.outbox.map(({ index }) => index)).toEqual([2n, 3n, 4n]);
});

it('writes the pin when it changes, not again with every record', async () => {
  const { disk, state } = await opened();
  await state.save({ pin: new Uint8Array(10_000).fill(1) });
  const before = await readLength(disk);
  await state.save({ savedOrder: 1n });
  expect((await readLength(disk)) - before).toBe(512);
});

it('salts each journal anew', async () => {
  const salts = new Set<string | undefined>();
  for (let i = 0; i < 20; i++) {
    const { disk } = await opened();
    salts.add((await disk.read('/state/journal'))?.toString('hex', 12, 16));
  }
  expect(salts.size).toBe(20);
});

it('replaces the journal when it is longer than compactBytes and twice the state', async () => {
  const { disk, state } = await opened(5 * 512);
  // A header and the first record are there: two sectors.
  for (let i = 0; i < 3; i++) await state.save({ savedOrder: BigInt(i) });
  expect(disk.calls).toEqual([...APPEND, ...APPEND, ...APPEND]);
  disk.calls.length = 0;
  await state.save({ savedOrder: 3n });
  expect(disk.calls).toEqual(REPLACE);
  expect(await readLength(disk)).toBe(2 * 512);
  await perform(state, one(0n, 9_000));
  expect(disk.calls.slice(-2), 'the state is large now').toEqual(REPLACE.slice(-2));
  disk.calls.length = 0;
  for (let i = 4; i < 20; i++) await state.save({ savedOrder: BigInt(i) });
  expect(disk.calls).not.toContain('rename journal.new');
  disk.powerCut(() => 0);
  const saved = await (await openState(disk, '/state', {})).load();
  expect([saved.savedOrder, saved.outbox.length]).toEqual([19n, 1]);
});

it('keeps a journal bounded under endless work', async () => {
  const { disk, state } = await opened(8_192);
  for (let i = 0n; i < 500n; i++) {
    await perform(state, one(i, 200));
    if (i > 5n) await state.trim(i - 5n);
    expect(await readLength(disk)).toBeLessThanOrEqual(8_192);
  }
});

it('frees the lock and the file when closed, also after a failure', async () => {
  const { disk, state } = await opened();
  disk.fault = (call) => (call.startsWith('dataSync') ? 'EIO' : undefined);
  await expect(perform(state, one(0n))).rejects.toMatchObject({ code: 'E_IO' });
  await expect(openState(disk, '/state', {})).rejects.toMatchObject({ code: 'E_LOCKED' });
  await state.close();
  expect(disk.calls).toContain('close journal.new');
  await (await openState(disk, '/state', {})).close();
});

async function readLength(disk: SimulatedDisk): Promise<number> {
  const calls = [...disk.calls];
  const { length = 0 } = (await disk.read('/state/journal')) ?? {};
  disk.calls.splice(0, Infinity, ...calls);
  return length;
}
