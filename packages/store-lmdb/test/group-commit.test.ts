import { type Commit, StoreError } from '@sealwire/store';
import { afterAll, describe, expect, it } from 'vitest';
import type { Core } from '../src/core.js';
import { openLmdbStore } from '../src/index.js';
import type { LmdbStoreOptions } from '../src/options.js';
import { gate, openCore } from './core-tools.js';
import { scratch } from './scratch.js';
import { expectCode, json, PLENTY } from './tools.js';

const { directory, remove } = scratch();
afterAll(remove);

async function gatedCore(options: LmdbStoreOptions = {}) {
  let gates: ReturnType<typeof gate> | undefined;
  const core = await openCore(
    directory(),
    (writer) => {
      gates = gate(writer);
      return gates.gated;
    },
    options,
  );
  return { core, gates: gates! };
}

const to = (clientId: string, text: string): Commit => ({
  publishes: [{ clientId, json: json(text), timestamp: 0 }],
});
const textsIn = (core: Core, clientId: string) =>
  core.reader.log(clientId, 0n, PLENTY).entries.map((entry) => new TextDecoder().decode(entry.json));
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Until a write waits at the gate. */
async function heldUp(gates: ReturnType<typeof gate>, count = 1): Promise<void> {
  while (gates.held.length < count) await turn();
}

/** A first SEQUENCE whose flush is held up. */
async function heldSequence() {
  const { core, gates } = await gatedCore();
  const session = { clientId: 'a', epoch: await core.claim('a', 'any') };
  gates.close();
  const { flushed } = core.commit({ session, sequence: 0n });
  await heldUp(gates);
  return { core, gates, session, flushed };
}

describe('a slow flush', () => {
  it('confirms nothing, shows nothing and lets the next commits join one batch', async () => {
    const { core, gates } = await gatedCore();
    gates.close();
    const flushed: string[] = [];
    const stage = (text: string) => {
      const receipt = core.commit(to('a', text));
      void receipt.flushed.then(() => flushed.push(text));
      return receipt;
    };
    await stage('1').staged;
    await heldUp(gates);
    const told: bigint[] = [];
    core.watchers.watch('a', (head) => told.push(head), undefined);
    for (let n = 2; n <= 500; n++) await stage(String(n)).staged;
    for (let turns = 0; turns < 20; turns++) await turn();
    expect([flushed, told, textsIn(core, 'a'), gates.held.length]).toEqual([[], [], [], 1]);
    gates.held.shift()?.let();
    await heldUp(gates);
    expect([flushed, textsIn(core, 'a')]).toEqual([['1'], ['1']]);
    gates.open();
    await core.ended();
    expect(flushed).toHaveLength(500);
    expect(textsIn(core, 'a')).toHaveLength(500);
    await turn();
    expect(told.at(-1)).toBe(500n);
    await core.close();
  });

  it('leaves the thread of the sockets alone', async () => {
    const { core, gates } = await gatedCore();
    gates.close();
    const { flushed } = core.commit(to('a', '1'));
    await heldUp(gates);
    for (let turns = 0; turns < 50; turns++) await turn();
    expect(gates.held).toHaveLength(1);
    gates.open();
    await flushed;
    await core.close();
  });

  it('keeps what waits within maxStagedBytes', async () => {
    const { core, gates } = await gatedCore({ maxStagedBytes: 100_000 });
    gates.close();
    const receipts = [core.commit(to('a', 'x'.repeat(60_000)))];
    await heldUp(gates);
    receipts.push(core.commit(to('a', 'x'.repeat(60_000))));
    expect(() => core.commit(to('a', 'y'))).toThrow('maxStagedBytes');
    gates.open();
    await Promise.all(receipts.map(({ flushed }) => flushed));
    await core.commit(to('a', 'y')).flushed;
    expect(textsIn(core, 'a').map((text) => text.length)).toEqual([60_000, 60_000, 1]);
    await core.close();
  });
});

describe('a claim', () => {
  it('waits for no flush where no SEQUENCE of its client is staged, and is told at once [D5]', async () => {
    const { core, gates } = await gatedCore();
    const told: bigint[] = [];
    core.watchers.watch(
      'a',
      () => {},
      (epoch) => told.push(epoch),
    );
    gates.close();
    const { flushed } = core.commit(to('a', 'by the server'));
    await heldUp(gates);
    expect(await core.claim('a', 'any')).toBe(1n);
    await turn();
    expect([told, core.epochOf('a', 0n), core.reader.client('a')]).toEqual([[1n], 1n, undefined]);
    gates.open();
    await flushed;
    await core.ended();
    expect(core.reader.client('a')).toMatchObject({ epoch: 1n, head: 1n });
    await core.close();
  });

  it('waits for the flush of the SEQUENCEs of its client, and for no other [P2, D5]', async () => {
    const { core, gates, session, flushed } = await heldSequence();
    void core.commit(to('b', 'in the next flush'));
    let epoch = 0n;
    const claim = core.claim('a', 1n).then((given) => {
      epoch = given;
    });
    for (let turns = 0; turns < 20; turns++) await turn();
    expect(epoch).toBe(0n);
    expect(() => core.commit({ session, sequence: 1n })).toThrow('epoch 1');
    gates.held.shift()?.let();
    await claim;
    await flushed;
    expect([epoch, core.reader.client('a')?.lastSequence, textsIn(core, 'b')]).toEqual([2n, 0n, []]);
    gates.open();
    await core.close();
  });

  it('fails where nothing can be written any more, if it has to wait', async () => {
    const { core, gates, flushed } = await heldSequence();
    const claim = core.claim('a', 1n);
    gates.held.shift()?.fail(new StoreError('E_IO', 'input/output error'));
    await expectCode(flushed, 'E_IO');
    await expectCode(claim, 'E_IO');
    gates.open();
    await core.close();
  });

  it('waits for its own flush where as many epochs as there is room for are not on the disk', async () => {
    const { core, gates } = await gatedCore({ maxCachedClients: 2 });
    gates.close();
    await Promise.all([core.claim('a', 'any'), core.claim('b', 'any'), core.claim('a', 'any')]);
    let last = 0n;
    const claim = core.claim('c', 'any').then((epoch) => {
      last = epoch;
    });
    await heldUp(gates);
    for (let turns = 0; turns < 20; turns++) await turn();
    expect(last).toBe(0n);
    gates.open();
    await claim;
    expect([last, core.reader.client('a')?.epoch, core.reader.client('b')?.epoch]).toEqual([1n, 2n, 1n]);
    await core.close();
  });
});

describe('refusals', () => {
  it('are told of what is flushed, without waiting for what is staged [D5]', async () => {
    const store = await openLmdbStore(directory());
    const { epoch } = await store.claim('a', 'any');
    const { flushed } = store.commit({ session: { clientId: 'a', epoch }, sequence: 0n, refusal: 'no' });
    expect(await store.refusals('a', -1n)).toEqual({ lastSequence: -1n, refusals: [], removedUpTo: -1n });
    await flushed;
    expect(await store.refusals('a', -1n)).toEqual({
      lastSequence: 0n,
      refusals: [{ sequence: 0n, reason: 'no' }],
      removedUpTo: -1n,
    });
    await store.close();
  });
});

describe('a failed flush', () => {
  it('fails everything that was staged after it, and what comes later stands on what is on disk', async () => {
    const { core, gates } = await gatedCore();
    const epoch = await core.claim('a', 'any');
    const session = { clientId: 'a', epoch };
    await core.commit({ session, sequence: 0n, ...to('b', 'kept') }).flushed;
    gates.close();
    const first = core.commit({ session, sequence: 1n, ...to('b', 'lost') });
    await heldUp(gates);
    const second = core.commit({ session, sequence: 2n, ...to('c', 'lost too') });
    const third = core.commit({ session, sequence: 3n });
    const barrier = core.commit({});
    gates.held.shift()?.fail(new StoreError('E_DISK_FULL', 'no room'));
    for (const { flushed } of [first, second, third, barrier]) await expectCode(flushed, 'E_DISK_FULL');
    gates.open();
    expect(() => core.commit({ session, sequence: 2n })).toThrow('1 is next');
    expect(await core.commit({ session, sequence: 1n, ...to('b', 'again') }).flushed).toEqual([2n]);
    expect([textsIn(core, 'b'), textsIn(core, 'c')]).toEqual([['kept', 'again'], []]);
    expect(await core.commit(to('c', 'first')).flushed).toEqual([1n]);
    await core.close();
  });

  it('for want of room lets claims through, each with the epoch that it had in the line [D4]', async () => {
    const { core, gates } = await gatedCore();
    const epoch = await core.claim('a', 'any');
    gates.close();
    const lost = core.commit({ session: { clientId: 'a', epoch }, sequence: 0n, ...to('b', 'lost') });
    const shared = core.claim('a', epoch);
    await heldUp(gates);
    const behind = [core.claim('a', epoch + 1n), core.claim('new', 'any'), core.claim('a', 'any')];
    expect(() => core.commit({ session: { clientId: 'a', epoch }, sequence: 1n })).toThrow('epoch 1');
    await expectCode(core.claim('a', epoch + 1n), 'E_FENCED');
    const flushed: bigint[] = [];
    const ended = core.ended().then(() => flushed.push(-1n));
    gates.held.shift()?.fail(new StoreError('E_DISK_FULL', 'no room'));
    await expectCode(lost.flushed, 'E_DISK_FULL');
    await heldUp(gates);
    const later = core.commit({ session: { clientId: 'a', epoch: 4n }, sequence: 0n });
    void shared.then((each) => flushed.push(each));
    for (let turns = 0; turns < 20; turns++) await turn();
    // The first one waits for the fate of SEQUENCE 0, which was staged before it; that is not written with it.
    expect(flushed).toEqual([]);
    gates.open();
    expect(await Promise.all([shared, ...behind])).toEqual([2n, 3n, 1n, 4n]);
    await later.flushed;
    await ended;
    expect(flushed).toEqual([2n, -1n]);
    expect(core.reader.client('a')).toMatchObject({ epoch: 4n, lastSequence: 0n });
    expect(core.reader.client('b')).toBeUndefined();
    expect(core.reader.client('new')?.number).not.toBe(core.reader.client('a')?.number);
    await core.close();
  });

  it('where not even claims find room leaves them their epochs, which nobody else gets [D4]', async () => {
    const { core, gates } = await gatedCore();
    gates.close();
    const lost = core.commit(to('b', 'lost'));
    expect(await Promise.all([core.claim('a', 'any'), core.claim('a', 'any')])).toEqual([1n, 2n]);
    const all = expectCode(lost.flushed, 'E_DISK_FULL');
    const noRoom = new StoreError('E_DISK_FULL', 'no room');
    await heldUp(gates);
    gates.held.shift()?.fail(noRoom);
    await heldUp(gates);
    const read = core.ended();
    gates.held.shift()?.fail(noRoom);
    await all;
    await read;
    expect(core.reader.client('a')).toBeUndefined();
    gates.open();
    expect(() => core.commit({ session: { clientId: 'a', epoch: 1n }, sequence: 0n })).toThrow('epoch 1');
    await core.commit({ session: { clientId: 'a', epoch: 2n }, sequence: 0n }).flushed;
    expect(core.reader.client('a')).toMatchObject({ epoch: 2n, lastSequence: 0n });
    expect(await core.claim('a', 2n)).toBe(3n);
    await core.close();
  });

  it('keeps what consumes or removes and was staged before the commit that found no room', async () => {
    const { core, gates } = await gatedCore();
    const epoch = await core.claim('a', 'any');
    await core.commit({ puts: ['x', 'y'].map((key) => ({ key, value: json(key) })) }).flushed;
    gates.close();
    const receipts = [
      core.commit({ session: { clientId: 'a', epoch }, sequence: 0n, layout: 'deployed' }),
      core.commit({ puts: [{ key: 'x', value: null }] }),
      core.commit({ puts: [{ key: 'z', value: json('z') }] }),
      core.commit({ session: { clientId: 'a', epoch }, sequence: 1n }),
      core.commit({ puts: [{ key: 'y', value: null }] }),
    ];
    await heldUp(gates);
    gates.held.shift()?.fail(new StoreError('E_DISK_FULL', 'no room'));
    gates.open();
    const outcomes = await Promise.allSettled(receipts.map(({ flushed }) => flushed));
    const [kept, lost] = ['fulfilled', 'rejected'];
    expect(outcomes.map(({ status }) => status)).toEqual([kept, kept, lost, lost, lost]);
    expect(core.reader.client('a')).toMatchObject({ lastSequence: 0n, layout: 'deployed' });
    expect(['x', 'y', 'z'].map((key) => core.reader.value(key) !== undefined)).toEqual([false, true, false]);
    expect(() => core.commit({ session: { clientId: 'a', epoch }, sequence: 2n })).toThrow('1 is next');
    await core.close();
  });

  it('does not put off what retention removes by age', async () => {
    let now = 1_800_000_000_000;
    const { core, gates } = await gatedCore({ maxAge: 60_000, now: () => now });
    await core.commit(to('a', 'old')).flushed;
    now += 180_000;
    gates.close();
    const lost = core.commit(to('b', 'lost'));
    await heldUp(gates);
    gates.held.shift()?.fail(new StoreError('E_DISK_FULL', 'no room'));
    await expectCode(lost.flushed, 'E_DISK_FULL');
    gates.open();
    await core.commit(to('b', 'kept')).flushed;
    expect([textsIn(core, 'a'), textsIn(core, 'b')]).toEqual([[], ['kept']]);
    await core.close();
  });

  it('after which the disk cannot be trusted ends all writing, but not reading', async () => {
    const { core, gates } = await gatedCore();
    await core.commit(to('a', 'kept')).flushed;
    gates.close();
    const { flushed } = core.commit(to('a', 'lost'));
    await heldUp(gates);
    gates.held.shift()?.fail(new StoreError('E_IO', 'input/output error'));
    await expectCode(flushed, 'E_IO');
    gates.open();
    expect(() => core.commit(to('a', 'more'))).toThrow('input/output error');
    await expectCode(core.claim('a', 'any'), 'E_IO');
    expect(textsIn(core, 'a')).toEqual(['kept']);
    await core.close();
  });

  it('of whatever kind is E_IO, with its cause', async () => {
    const { core, gates } = await gatedCore();
    gates.close();
    const { flushed } = core.commit(to('a', 'lost'));
    await heldUp(gates);
    const cause = new RangeError('unforeseen');
    gates.held.shift()?.fail(cause);
    await expect(flushed).rejects.toMatchObject({ code: 'E_IO', cause });
    await core.close();
  });
});

describe('many clients', () => {
  it('do not need to fit into memory', async () => {
    const { core } = await gatedCore({ maxCachedClients: 10 });
    const ids = Array.from({ length: 100 }, (_, n) => `client ${n}`);
    for (const round of [1, 2, 3]) {
      await Promise.all(ids.map((clientId) => core.commit(to(clientId, String(round))).flushed));
      await Promise.all(ids.map((clientId) => core.claim(clientId, 'any')));
    }
    for (const clientId of ids) {
      expect(textsIn(core, clientId)).toEqual(['1', '2', '3']);
      expect(core.reader.client(clientId)?.epoch).toBe(3n);
    }
    expect(new Set(ids.map((clientId) => core.reader.client(clientId)?.number)).size).toBe(100);
    await core.close();
  });

  it('do not need to fit into memory where one commit goes to all of them', async () => {
    const { core } = await gatedCore({ maxCachedClients: 10 });
    const ids = Array.from({ length: 100 }, (_, n) => `client ${n}`);
    const epoch = await core.claim('owner', 'any');
    const commits = [0n, 1n, 2n].map((sequence) =>
      core.commit({
        session: { clientId: 'owner', epoch },
        sequence,
        publishes: [...ids, 'client 0', 'owner'].flatMap((id) => to(id, String(sequence)).publishes ?? []),
      }),
    );
    const orders = await Promise.all(commits.map(({ flushed }) => flushed));
    expect(orders.map((given) => [given[0], given[100], given[101]])).toEqual([
      [1n, 2n, 1n],
      [3n, 4n, 2n],
      [5n, 6n, 3n],
    ]);
    expect(core.reader.client('owner')?.lastSequence).toBe(2n);
    expect(textsIn(core, 'client 0')).toEqual(['0', '0', '1', '1', '2', '2']);
    for (const clientId of [...ids.slice(1), 'owner'])
      expect(textsIn(core, clientId)).toEqual(['0', '1', '2']);
    await core.close();
  });
});
