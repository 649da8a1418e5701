import { memoryServerStore, type ServerStore, StoreError } from '@sealwire/store';
import { systemScheduler } from '@sealwire/transport';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Refused } from '../src/index.js';
import { heldStore, passingOn } from './held-store.js';
import { keyPair } from './keys.js';
import type { Peer } from './peer.js';
import { settle, world } from './world.js';

const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Keeps back what a peer sends from here on. */
function held(peer: Peer) {
  const frames: Uint8Array[] = [];
  const send = peer.link.send.bind(peer.link);
  Object.assign(peer.link, { send: (sent: readonly Uint8Array[]) => void frames.push(...sent) });
  return { frames, release: () => send(frames) };
}

/** Alice's key, with which a verification takes a millisecond of the scheduler. */
async function slowKey() {
  const { publicKey } = await keyPair('alice');
  const verified = { count: 0 };
  const verify = publicKey.verify.bind(publicKey);
  const spy = vi.spyOn(publicKey, 'verify').mockImplementation((data, signature) => {
    verified.count += 1;
    return verify(data, signature);
  });
  onTestFinished(() => spy.mockRestore());
  const scheduler = { ...systemScheduler, now: () => systemScheduler.now() + verified.count };
  return { publicKey, verified, scheduler };
}

describe('messages', () => {
  it('are verified over several turns of the event loop, however many come in one read', async () => {
    const { publicKey, verified, scheduler } = await slowKey();
    const handled: bigint[] = [];
    const { connect } = await world({
      clients: new Map([['alice', { publicKey }]]),
      scheduler,
      onMessage: ({ sequence }) => void handled.push(sequence),
    });
    const alice = await connect();
    const { frames, release } = held(alice);
    for (let n = 0; n < 20; n++) alice.send(n);
    while (frames.length < 20) await tick();
    let mostInTurn = 0;
    release();
    while (handled.length < 20) {
      const before = verified.count;
      await tick();
      mostInTurn = Math.max(mostInTurn, verified.count - before);
    }
    expect(handled).toEqual(Array.from({ length: 20 }, (_, n) => BigInt(n)));
    expect(mostInTurn).toBeGreaterThan(0);
    expect(mostInTurn).toBeLessThanOrEqual(4);
  });

  it('of one client hold up no event of another, however many wait to be verified', async () => {
    const { publicKey, verified, scheduler } = await slowKey();
    const { connect, server } = await world({
      clients: new Map([
        ['alice', { publicKey }],
        ['bob', { publicKey: (await keyPair('bob')).publicKey }],
      ]),
      scheduler,
    });
    const [alice, bob] = [await connect(), await connect({ clientId: 'bob' })];
    const { frames, release } = held(alice);
    for (let n = 0; n < 100; n++) alice.send(n);
    while (frames.length < 100) await tick();
    const before = verified.count;
    release();
    while (verified.count === before) await tick();
    await server.publish('bob', 'now');
    while (bob.messages.length === 0) await tick();
    expect(verified.count - before).toBeLessThan(20);
  });

  it('are handled one at a time in SEQUENCE order, and staged before the next starts', async () => {
    const trace: string[] = [];
    const { connect, server } = await world({
      async onMessage({ sequence, clientId }, tx) {
        trace.push(`start ${sequence} after ${(await server.store.read(clientId)).lastSequence}`);
        for (let n = 0n; n < 3n - sequence; n++) await tick();
        trace.push(`end ${sequence}`);
        tx.publish(Number(sequence));
      },
    });
    const alice = await connect();
    for (let n = 0; n < 3; n++) alice.send(n);
    await alice.until(() => alice.messages.length === 3);
    expect(trace).toEqual([
      'start 0 after -1',
      'end 0',
      'start 1 after 0',
      'end 1',
      'start 2 after 1',
      'end 2',
    ]);
    expect(alice.payloads()).toEqual([0, 1, 2]);
  });

  it('of different clients are handled side by side', async () => {
    let arrive = (_: string) => {};
    const both = new Promise<void>((resolve) => {
      const here = new Set<string>();
      arrive = (clientId) => {
        here.add(clientId);
        if (here.size === 2) resolve();
      };
    });
    const { connect } = await world({
      async onMessage({ clientId }, tx) {
        arrive(clientId);
        await both;
        tx.publish('both are here');
      },
    });
    const [alice, bob] = await Promise.all([connect(), connect({ clientId: 'bob' })]);
    alice.send(1);
    bob.send(1);
    await alice.until(() => alice.messages.length === 1);
    await bob.until(() => bob.messages.length === 1);
  });

  it('with a wrong SEQUENCE change nothing and end with 4001', async () => {
    const handled: bigint[] = [];
    const { connect, server } = await world({ onMessage: ({ sequence }) => void handled.push(sequence) });
    for (const sequence of [1n, 5n]) {
      const alice = await connect();
      alice.send('x', sequence);
      expect(await alice.untilClosed()).toMatchObject({ code: 4001 });
      expect(alice.errors).toHaveLength(1);
    }
    expect(handled).toEqual([]);
    expect((await server.store.read('alice')).lastSequence).toBe(-1n);
  });

  it('publish to others and write values in the same commit', async () => {
    const { connect, server } = await world({
      onMessage({ payload }, tx) {
        tx.publishTo(['alice', 'bob'], { said: payload }, { timestamp: 12.5 });
        tx.put('last', new TextEncoder().encode('kept'));
      },
    });
    const [alice, bob] = await Promise.all([connect(), connect({ clientId: 'bob' })]);
    alice.send('hello');
    await alice.until(() => alice.messages.length === 1);
    await bob.until(() => bob.messages.length === 1);
    expect(bob.payloads()).toEqual([{ said: 'hello' }]);
    const value = await server.store.get('last');
    expect(new TextDecoder().decode(value)).toBe('kept');
    const log = await server.store.readLog('bob', 0n, { count: 1, bytes: 100 });
    expect(log.entries[0]?.timestamp).toBe(12.5);
  });

  it('that are refused consume their SEQUENCE, store the reason and drop what was published', async () => {
    const { connect, server, event } = await world({
      onMessage({ payload }, tx) {
        tx.publish('dropped');
        tx.put('dropped', new Uint8Array(1));
        if (payload === 'bad') throw new Refused('not like this\u0007');
        throw new Refused('twice', { code: 4002 });
      },
    });
    const first = await connect();
    first.send('bad');
    first.send('never handled');
    expect(await first.untilClosed()).toMatchObject({ code: 1007 });
    expect(first.errors).toEqual(['not like this\\u0007']);
    expect(first.messages).toEqual([]);
    expect(await event('message-refused')).toMatchObject({ clientId: 'alice', sequence: 0n, code: 1007 });
    const second = await connect();
    expect(second.lastSeenSequence).toBe(0n);
    second.send('again');
    expect(await second.untilClosed()).toMatchObject({ code: 4002 });
    expect((await server.store.refusals('alice', -1n)).refusals).toEqual([
      { sequence: 0n, reason: 'not like this\\u0007' },
      { sequence: 1n, reason: 'twice' },
    ]);
    expect((await server.store.read('alice')).head).toBe(0n);
    expect(await server.store.get('dropped')).toBeUndefined();
  });

  it('that are refused are told so only when that is flushed', async () => {
    const { store, release } = heldStore();
    let handled = false;
    const { connect } = await world({
      store,
      onMessage() {
        handled = true;
        throw new Refused('no');
      },
    });
    const alice = await connect();
    alice.send(1);
    while (!handled) await settle();
    await settle();
    expect(alice.errors).toEqual([]);
    expect(alice.closed).toBeUndefined();
    release();
    expect(await alice.untilClosed()).toMatchObject({ code: 1007 });
  });

  it('can be refused with the allowed codes only', () => {
    expect(new Refused('x', { code: 4200 }).code).toBe(4200);
    for (const code of [1000, 1008, 4000, 4199, 5000]) {
      expect(() => new Refused('x', { code })).toThrow(expect.objectContaining({ code: 'E_OPTION' }));
    }
  });

  it('that fail by the fault of the server are not consumed and end with 1011 and a neutral text', async () => {
    let fail = true;
    const { connect, server, event } = await world({
      onMessage(_, tx) {
        tx.publish('x');
        if (fail) throw new Error('secret of the database');
      },
    });
    const first = await connect();
    first.send(1);
    expect(await first.untilClosed()).toMatchObject({ code: 1011, reason: '' });
    expect(first.errors).toEqual(['1011 the server failed to handle the message']);
    const failed = await event('handler-failed');
    expect(failed).toMatchObject({ clientId: 'alice', sequence: 0n, error: { code: 'E_HANDLER' } });
    expect(failed.error.cause).toMatchObject({ message: 'secret of the database' });
    expect(await server.store.read('alice')).toMatchObject({ lastSequence: -1n, head: 0n });
    fail = false;
    const second = await connect();
    second.send(1);
    await second.until(() => second.messages.length === 1);
  });

  it.each([
    ['no JSON', '{'],
    ['empty', ''],
    ['not UTF-8', new Uint8Array([0x22, 0xff, 0x22])],
    ['with a byte order mark', '\ufeff{}'],
    ['nested too deep', `${'['.repeat(65)}${']'.repeat(65)}`],
    ['with the key __proto__', '{"__proto__":{}}'],
    ['with a number beyond the range of a double', '1e999'],
    ['of a reserved type', '{"@type":"sealwire.Anything"}'],
  ])('that are %s are refused with 1007 before the handler [S74, S75, S76]', async (_, json) => {
    const handled: unknown[] = [];
    const { connect, server } = await world({ onMessage: ({ payload }) => void handled.push(payload) });
    const alice = await connect();
    alice.sendJson(typeof json === 'string' ? new TextEncoder().encode(json) : json);
    expect(await alice.untilClosed()).toMatchObject({ code: 1007 });
    expect(handled).toEqual([]);
    expect((await server.store.read('alice')).lastSequence).toBe(0n);
    expect((await server.store.refusals('alice', -1n)).refusals).toHaveLength(1);
  });

  it('with a number that would be rounded are refused with 1007, unless it is to be text or rounded [S78, J4]', async () => {
    const json = new TextEncoder().encode('{"id":9007199254740993}');
    for (const numbers of [undefined, 'refuse', 'text', 'round'] as const) {
      const handled: unknown[] = [];
      const { connect } = await world({
        ...(numbers && { numbers }),
        onMessage: ({ payload }, tx) => {
          handled.push(payload);
          tx.publish('done');
        },
      });
      const alice = await connect();
      alice.sendJson(json);
      if (numbers === 'text' || numbers === 'round') {
        await alice.until(() => alice.messages.length === 1);
        expect(handled).toEqual([{ id: numbers === 'text' ? '9007199254740993' : 9007199254740992 }]);
      } else {
        expect(await alice.untilClosed()).toMatchObject({ code: 1007 });
        expect(handled).toEqual([]);
      }
    }
  });

  it('are refused by a server without a handler for them', async () => {
    const { connect } = await world();
    const alice = await connect();
    alice.send(1);
    expect(await alice.untilClosed()).toMatchObject({ code: 1007 });
  });

  it('pass a schema, which may change them, or are refused with its first issue', async () => {
    const schema: StandardSchemaV1<unknown, { amount: bigint }> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate(value) {
          const amount = (value as { amount?: unknown }).amount;
          if (typeof amount === 'string') return Promise.resolve({ value: { amount: BigInt(amount) } });
          return { issues: [{ message: 'must be a string', path: ['amount'] }] };
        },
      },
    };
    const amounts: bigint[] = [];
    const { connect, server, event } = await world({
      schemas: { message: schema },
      onMessage: ({ payload }) => void amounts.push((payload as { amount: bigint }).amount),
    });
    const alice = await connect();
    alice.send({ amount: '12' });
    alice.send({ amount: 12 });
    expect(await alice.untilClosed()).toMatchObject({ code: 1007 });
    expect(amounts).toEqual([12n]);
    expect((await server.store.refusals('alice', -1n)).refusals).toEqual([
      { sequence: 1n, reason: 'amount: must be a string' },
    ]);
    expect(await event('message-refused')).toMatchObject({ reason: 'the payload does not fit the schema' });
  });

  it('whose handler takes too long end with 1011; its signal aborts and its transaction is over', async () => {
    let late: unknown;
    const { connect, event, server } = await world({
      handlerTimeout: 30,
      async onMessage(_, tx) {
        await new Promise((resolve) => tx.signal.addEventListener('abort', resolve));
        try {
          tx.publish('late');
        } catch (error) {
          late = error;
        }
      },
    });
    const alice = await connect();
    alice.send(1);
    expect(await alice.untilClosed()).toMatchObject({ code: 1011 });
    expect((await event('handler-failed')).error).toMatchObject({ code: 'E_HANDLER_TIMEOUT' });
    await tick();
    expect(late).toMatchObject({ code: 'E_TRANSACTION' });
    expect((await server.store.read('alice')).lastSequence).toBe(-1n);
  });

  it('fail as the fault of the server when it publishes what no client takes', async () => {
    const { connect, event } = await world({
      limits: { maxPayloadBytes: 100 },
      onMessage: (_, tx) => tx.publish('x'.repeat(99)),
    });
    const alice = await connect();
    alice.send(1);
    expect(await alice.untilClosed()).toMatchObject({ code: 1011 });
    expect((await event('handler-failed')).error.cause).toMatchObject({ code: 'E_PAYLOAD' });
  });

  it.each(['staged', 'flushed'] as const)(
    'whose commit fails before it is %s end with 1013 and a rollback',
    async (step) => {
      const memory = memoryServerStore();
      const failed = Promise.reject(new StoreError('E_IO', 'the disk is gone'));
      failed.catch(() => {});
      const store = Object.assign(Object.create(memory), {
        read: memory.read.bind(memory),
        claim: memory.claim.bind(memory),
        watch: memory.watch.bind(memory),
        readLog: memory.readLog.bind(memory),
        close: memory.close.bind(memory),
        commit: () => ({ staged: step === 'staged' ? failed : Promise.resolve(), flushed: failed }),
      });
      const handled: bigint[] = [];
      const { connect, event } = await world({
        store,
        onMessage: ({ sequence }) => void handled.push(sequence),
      });
      const alice = await connect();
      alice.send(1);
      expect(await alice.untilClosed()).toMatchObject({ code: 1013 });
      expect(await event('rollback')).toMatchObject({ clientId: 'alice', error: { code: 'E_IO' } });
      expect(handled).toEqual([0n]);
    },
  );

  it('whose commit no store takes fail as the fault of the server, with a rollback [P14]', async () => {
    const { connect, event } = await world({
      onMessage: (_, tx) => tx.put('k'.repeat(2000), new Uint8Array(1)),
    });
    const alice = await connect();
    alice.send(1);
    expect(await alice.untilClosed()).toMatchObject({ code: 1011 });
    expect(await event('rollback')).toMatchObject({ clientId: 'alice', error: { code: 'E_COMMIT' } });
    expect((await event('handler-failed')).error.cause).toMatchObject({ code: 'E_COMMIT' });
  });

  it('whose handler ends well after its time was over raise a rollback then, and none if it fails [P15]', async () => {
    const ends: { resolve(): void; reject(error: Error): void }[] = [];
    const { connect, event, events } = await world({
      handlerTimeout: 20,
      onMessage: () => new Promise<void>((resolve, reject) => ends.push({ resolve, reject })),
    });
    for (const end of ['reject', 'resolve'] as const) {
      const alice = await connect();
      alice.send(1);
      await alice.untilClosed();
      expect(events.some(({ type }) => type === 'rollback')).toBe(false);
      ends.at(-1)?.[end](new Error('gave up'));
      for (let n = 0; n < 10; n++) await settle();
    }
    expect(await event('rollback')).toMatchObject({ error: { code: 'E_HANDLER_TIMEOUT' } });
  });

  it('are kept when the client leaves while the handler runs, but no other handler starts', async () => {
    let start = () => {};
    let leave = () => {};
    const started = new Promise<void>((resolve) => (start = resolve));
    const left = new Promise<void>((resolve) => (leave = resolve));
    const { connect, server, event } = await world({
      async onMessage({ sequence }, tx) {
        start();
        await left;
        tx.publish(Number(sequence));
      },
    });
    const kept = new Promise<bigint>((resolve) => server.store.watch('alice', resolve));
    const alice = await connect();
    alice.send(1);
    alice.send(2);
    await started;
    alice.link.close(1000, '');
    await event('session-closed');
    leave();
    expect(await kept).toBe(1n);
    const again = await connect();
    expect(again.lastSeenSequence).toBe(0n);
    await again.until(() => again.messages.length === 1);
  });
});

describe('refuse', () => {
  it('gets a client past a message at which the handler always fails', async () => {
    const { connect, server } = await world({
      onMessage({ payload }, tx) {
        if (payload === 'poison') throw new Error('always');
        tx.publish(payload);
      },
    });
    const first = await connect();
    first.send('poison');
    expect(await first.untilClosed()).toMatchObject({ code: 1011 });
    server.refuse('alice', 0n, 'refused by the operator');
    const second = await connect();
    second.send('poison');
    expect(await second.untilClosed()).toMatchObject({ code: 1007 });
    expect(second.errors).toEqual(['refused by the operator']);
    const third = await connect();
    expect(third.lastSeenSequence).toBe(0n);
    third.send('fine');
    await third.until(() => third.messages.length === 1);
  });

  it('is not forgotten where the refusal is not kept', async () => {
    const memory = memoryServerStore();
    let full = true;
    const store: ServerStore = {
      ...passingOn(memory),
      commit(commit) {
        if (!full || commit.refusal === undefined) return memory.commit(commit);
        full = false;
        const failed = Promise.reject(new StoreError('E_DISK_FULL', 'no room'));
        failed.catch(() => {});
        return { staged: Promise.resolve(), flushed: failed };
      },
    };
    const { connect, server } = await world({
      store,
      onMessage() {
        throw new Error('always');
      },
    });
    server.refuse('alice', 0n, 'refused by the operator');
    const first = await connect();
    first.send('poison');
    expect(await first.untilClosed()).toMatchObject({ code: 1013 });
    const second = await connect();
    second.send('poison');
    expect(await second.untilClosed()).toMatchObject({ code: 1007 });
    expect(second.errors).toEqual(['refused by the operator']);
  });

  it('does nothing to a message that was consumed already, and is bounded', async () => {
    const { connect, server } = await world({ onMessage: ({ payload }, tx) => tx.publish(payload) });
    const alice = await connect();
    alice.send(0);
    await alice.until(() => alice.messages.length === 1);
    server.refuse('alice', 0n, 'too late');
    alice.send(1);
    await alice.until(() => alice.messages.length === 2);
    for (let n = 0; n < 1_000; n++) server.refuse(`client ${n}`, 0n, '');
    expect(() => server.refuse('one more', 0n, '')).toThrow(
      expect.objectContaining({ code: 'E_OVERLOADED' }),
    );
  });
});
