import { encodeJson } from '@sealwire/session';
import { type ClientChange, type ClientState, memoryClientState } from '@sealwire/store';
import { beforeAll, describe, expect, test } from 'vitest';
import { connect, type Message } from '../src/index.js';
import { type Keys, makeKeys } from './keys.js';
import { connected, connectedVirtually, meet, rejection } from './set-up.js';
import { outcomeOf, settle, until } from './until.js';

let keys: Keys;
beforeAll(async () => {
  keys = await makeKeys();
});

/** A handler that each test lets through message by message. */
function gatedHandler() {
  const seen: Message[] = [];
  const gates: (() => void)[] = [];
  let open = false;
  return {
    seen,
    handler: async (message: Message): Promise<void> => {
      seen.push(message);
      if (open) return;
      await new Promise<void>((resolve) => {
        gates.push(resolve);
      });
    },
    letOne: (): void => gates.shift()?.(),
    letAll: (): void => {
      open = true;
      for (const gate of gates.splice(0)) gate();
    },
  };
}

const payloads = (messages: readonly Message[]): unknown[] => messages.map(({ payload }) => payload);

describe('a listener', () => {
  test('gets one message at a time, in order', async () => {
    const { seen, handler, letOne, letAll } = gatedHandler();
    const { server, client } = await connected(keys, {}, { onMessage: handler });
    server.publish(1, 2, 3);
    await until(() => seen.length === 1);
    await settle();
    expect(payloads(seen)).toEqual([1]);
    letOne();
    await until(() => seen.length === 2);
    letAll();
    await until(() => seen.length === 3);
    expect(seen.map(({ order }) => order)).toEqual([1n, 2n, 3n]);
    await client.close();
  });

  test('that throws stops the client, and what it failed on comes again after a restart [P7, P16]', async () => {
    const state = memoryClientState();
    const { server, options } = await meet(keys);
    server.log.push('good', 'bad', 'later');
    const client = await connect({
      ...options,
      state,
      onMessage: async ({ payload }) => {
        if (payload === 'bad') throw new Error('handler bug');
      },
    });
    await until(() => client.state.kind === 'stopped');
    expect(client.state).toMatchObject({
      error: { code: 'E_HANDLER', cause: { message: 'handler bug' } },
    });
    await client.close();
    const seen: Message[] = [];
    const next = await connect({
      ...options,
      state: state.reopen(),
      onMessage: (message) => void seen.push(message),
    });
    await until(() => seen.length === 2);
    expect(seen).toMatchObject([{ payload: 'bad', possiblyHandled: true }, { payload: 'later' }]);
    await next.close();
  });

  test('may close the client [P16]', async () => {
    const { server, client } = await connected(keys);
    client.onMessage(() => client.close());
    server.publish(1);
    await until(() => client.state.kind === 'closed');
  });

  test('cannot stand beside another one or an iterator', async () => {
    const { client } = await connected(keys, {}, { onMessage: () => {} });
    expect(() => client.onMessage(() => {})).toThrow(expect.objectContaining({ code: 'E_STATE' }));
    expect(() => client.messages()).toThrow(expect.objectContaining({ code: 'E_STATE' }));
    await client.close();
  });
});

describe('an iterator', () => {
  test('saves a message when the next one is asked for', async () => {
    const state = memoryClientState();
    const { server, client } = await connected(keys, {}, { state });
    server.publish('a', 'b');
    const messages = client.messages();
    await messages.next();
    await settle();
    expect(await state.load()).toMatchObject({ savedOrder: 0n, reservedOrder: 2n });
    await messages.next();
    await settle();
    expect(await state.load()).toMatchObject({ savedOrder: 1n, reservedOrder: 2n });
    await client.close();
  });

  test('can be followed by another one, which goes on', async () => {
    const { server, client } = await connected(keys);
    server.publish(1, 2, 3);
    for await (const { payload } of client.messages()) {
      expect(payload).toBe(1);
      break;
    }
    const messages = client.messages();
    expect((await messages.next()).value).toMatchObject({ payload: 2 });
    expect(() => client.messages()).toThrow(expect.objectContaining({ code: 'E_STATE' }));
    await client.close();
  });

  test('throws what stopped the client', async () => {
    const { server, client } = await connected(keys);
    const waiting = client.messages().next();
    server.session.fail(4000, 'taken over');
    expect(await rejection(waiting)).toMatchObject({ code: 'E_TAKEN_OVER', closeCode: 4000 });
    await client.close();
  });

  test('answers concurrent calls in order', async () => {
    const { server, client } = await connected(keys);
    const messages = client.messages();
    const both = Promise.all([messages.next(), messages.next()]);
    server.publish('a', 'b');
    expect((await both).map(({ value }) => value.payload)).toEqual(['a', 'b']);
    await client.close();
  });

  test('that is ended while it waits for a message takes none, and the next one gets it', async () => {
    const { server, client } = await connected(keys);
    const abandoned = client.messages();
    const waiting = abandoned.next();
    await settle();
    await abandoned.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    server.publish('first', 'second');
    const messages = client.messages();
    expect((await messages.next()).value.payload).toBe('first');
    expect((await messages.next()).value.payload).toBe('second');
    await client.close();
  });

  test('that is ended while a message is being reserved for it leaves it to the next one', async () => {
    let reserving = (): void => {};
    const asked = new Promise<void>((resolve) => {
      reserving = resolve;
    });
    let letReserve = (): void => {};
    const gate = new Promise<void>((resolve) => {
      letReserve = resolve;
    });
    const memory = memoryClientState();
    const state: ClientState = {
      load: () => memory.load(),
      append: (entries) => memory.append(entries),
      trim: (index) => memory.trim(index),
      close: () => memory.close(),
      save: async (change: ClientChange) => {
        if (change.reservedOrder !== undefined) {
          reserving();
          await gate;
        }
        return memory.save(change);
      },
    };
    const { server, client } = await connected(keys, {}, { state });
    const abandoned = client.messages();
    const waiting = abandoned.next();
    server.publish('first');
    await asked;
    await abandoned.return?.();
    const next = client.messages().next();
    letReserve();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect((await next).value.payload).toBe('first');
    await client.close();
  });
});

describe('after a restart', () => {
  test('what was handed over and not saved is marked [P8]', async () => {
    const state = memoryClientState();
    const { server, options } = await meet(keys);
    server.log.push(1, 2, 3);
    const first = await connect({ ...options, state, inbox: { maxMessages: 8 } });
    const messages = first.messages();
    await until(() => first.state.kind === 'live');
    await messages.next();
    await messages.next();
    await settle();
    // The process ends here: the second message was handed over, not saved.
    const seen: Message[] = [];
    const second = await connect({
      ...options,
      state: state.reopen(),
      onMessage: (message) => void seen.push(message),
    });
    server.log.push(4);
    server.session.deliver();
    await until(() => seen.length === 3);
    expect(seen.map(({ order, possiblyHandled }) => [order, possiblyHandled])).toEqual([
      [2n, true],
      [3n, true],
      [4n, false],
    ]);
    await second.close();
    await first.close();
  });

  test('reserves all that waits with one write, before the first of it is handed over', async () => {
    const memory = memoryClientState();
    const changes: ClientChange[] = [];
    const state: ClientState = {
      load: () => memory.load(),
      trim: (upTo) => memory.trim(upTo),
      append: (entries) => memory.append(entries),
      close: () => memory.close(),
      save: (change) => {
        changes.push(change);
        return memory.save(change);
      },
    };
    const seen: { readonly order: bigint; readonly writes: number }[] = [];
    const { server, options } = await meet(keys);
    server.log.push(...Array.from({ length: 50 }, (_, n) => n));
    const client = await connect({
      ...options,
      state,
      onMessage: ({ order }) =>
        void seen.push({ order, writes: changes.filter((change) => change.reservedOrder).length }),
    });
    await until(() => seen.length === 50);
    expect(changes.find((change) => change.reservedOrder !== undefined)).toEqual({
      savedOrder: 0n,
      reservedOrder: 50n,
    });
    expect(seen.every(({ writes }) => writes === 1)).toBe(true);
    await client.close();
    expect((await memory.load()).savedOrder).toBe(50n);
  });
});

describe('a full inbox', () => {
  const small = { inbox: { maxMessages: 4 } };

  test('pauses the link where it can, and loses nothing [M5]', async () => {
    const { seen, handler, letAll } = gatedHandler();
    const { server, client } = await connected(keys, {}, { inbox: { maxMessages: 16 }, onMessage: handler });
    for (let batch = 0; batch < 9; batch += 1) {
      server.publish(...Array.from({ length: 6 }, (_, n) => batch * 6 + n));
      await settle();
    }
    letAll();
    await until(() => seen.length === 54);
    expect(payloads(seen)).toEqual(Array.from({ length: 54 }, (_, n) => n));
    expect(server.sessions.length).toBe(1);
    await client.close();
  });

  test('takes the silence while it is paused for its own', async () => {
    const { seen, handler, letAll } = gatedHandler();
    const { server, client, clock } = await connectedVirtually(keys, {}, { ...small, onMessage: handler });
    server.publish(1, 2, 3);
    await until(() => seen.length === 1, clock);
    for (let seconds = 0; seconds < 60; seconds += 1) {
      clock.advance(1_000);
      await settle(clock);
    }
    expect(client.state.kind).toBe('live');
    letAll();
    await until(() => seen.length === 3, clock);
    expect(server.sessions.length).toBe(1);
    await outcomeOf(client.close(), clock);
  });

  test('discards on a link that cannot pause, and dials again once it is drained [M5]', async () => {
    const { seen, handler, letAll } = gatedHandler();
    const { server, client } = await connected(
      keys,
      {},
      { ...small, onMessage: handler },
      { pausing: false },
    );
    server.publish(...Array.from({ length: 10 }, (_, n) => n));
    await until(() => seen.length === 1);
    await settle();
    // Nothing of a batch that finds no room is taken.
    server.publish(...Array.from({ length: 10 }, (_, n) => 10 + n));
    await settle();
    letAll();
    await until(() => seen.length === 20);
    expect(payloads(seen)).toEqual(Array.from({ length: 20 }, (_, n) => n));
    expect(server.sessions.length).toBeGreaterThan(1);
    await client.close();
  });

  test('goes on reading answers while a call is pending, also in the handler itself [P16]', async () => {
    const seen: unknown[] = [];
    const { server, options } = await meet(keys, { onRequest: (payload) => payload });
    server.log.push(...Array.from({ length: 30 }, (_, n) => n));
    const client = await connect({ ...options, ...small });
    client.onMessage(async ({ payload }) => {
      seen.push(await client.call(payload));
    });
    await until(() => seen.length === 30);
    expect(seen).toEqual(Array.from({ length: 30 }, (_, n) => n));
    await client.close();
  });

  test('that nobody reads pauses nothing, and is read when somebody comes', async () => {
    const { server, client } = await connected(keys, { onRequest: (payload) => payload }, small);
    for (let batch = 0; batch < 5; batch += 1) {
      server.publish(...Array.from({ length: 4 }, (_, n) => batch * 4 + n));
      await settle();
    }
    expect(await client.call('still here')).toBe('still here');
    expect(server.sessions.length).toBe(1);
    const seen: unknown[] = [];
    client.onMessage(({ payload }) => void seen.push(payload));
    await until(() => seen.length === 20);
    expect(seen).toEqual(Array.from({ length: 20 }, (_, n) => n));
    await client.close();
  });

  test('of one message takes a batch whole, pauses, and needs no new session for it', async () => {
    const seen: unknown[] = [];
    let handle = (): void => {};
    const { server, client } = await connected(
      keys,
      {},
      {
        inbox: { maxMessages: 1 },
        onMessage: async ({ payload }) => {
          if (payload === 0) await new Promise<void>((resolve) => (handle = resolve));
          seen.push(payload);
        },
      },
    );
    const first = Array.from({ length: 100 }, (_, n) => n);
    server.publish(...first);
    await until(() => server.session.link.bufferedBytes === 0);
    const second = Array.from({ length: 100 }, (_, n) => 100 + n);
    server.publish(...second);
    await settle();
    handle();
    await until(() => seen.length === 200);
    expect(seen).toEqual([...first, ...second]);
    expect(server.sessions).toHaveLength(1);
    await client.close();
  });

  test('of one message still moves', async () => {
    const seen: unknown[] = [];
    const { server, client } = await connected(
      keys,
      {},
      { inbox: { maxMessages: 1, maxBytes: 1 }, onMessage: async ({ payload }) => void seen.push(payload) },
      { pausing: false },
    );
    server.publish(1, 2, 3);
    await until(() => seen.length === 3);
    expect(seen).toEqual([1, 2, 3]);
    await client.close();
  });
});

describe('a message that cannot be delivered', () => {
  test('because it is not JSON stops the client', async () => {
    const { server, client } = await connected(keys, {}, { onMessage: () => {} });
    server.session.deliverRaw(1n, Uint8Array.of(0x7b));
    await until(() => client.state.kind === 'stopped');
    expect(client.state).toMatchObject({ error: { code: 'E_MESSAGE' } });
    await client.close();
  });

  test('because a number in it would be rounded stops the client, unless it is to be text or rounded [S78, J4]', async () => {
    const json = new TextEncoder().encode('{"id":9007199254740993}');
    const read = { refuse: undefined, text: { id: '9007199254740993' }, round: { id: 9007199254740992 } };
    for (const numbers of [undefined, 'refuse', 'text', 'round'] as const) {
      const seen: unknown[] = [];
      const { server, client } = await connected(
        keys,
        {},
        { ...(numbers && { numbers }), onMessage: ({ payload }) => void seen.push(payload) },
      );
      server.session.deliverRaw(1n, json);
      await until(() => client.state.kind === 'stopped' || seen.length > 0);
      const expected = read[numbers ?? 'refuse'];
      if (expected !== undefined) expect(seen).toEqual([expected]);
      else {
        expect(client.state).toMatchObject({
          error: { code: 'E_MESSAGE', cause: { message: expect.stringContaining('would be rounded') } },
        });
      }
      await client.close();
    }
  });

  test.each([
    ['at once', (result: object) => result],
    ['with a promise', async (result: object) => result],
    // biome-ignore lint/suspicious/noThenProperty: a promise of another realm is known by nothing else
    ['with what is like one', (result: object) => ({ then: (done: (it: object) => void) => done(result) })],
  ])('comes as the schema made it, which answers %s', async (_, answer) => {
    const seen: unknown[] = [];
    const { server, options } = await meet(keys);
    server.log.push(1, 2, 3);
    const validate = (value: unknown) =>
      answer(typeof value === 'number' ? { value: value * 10 } : { issues: [] }) as {
        readonly value: number;
      };
    const client = await connect<number>({
      ...options,
      onMessage: ({ payload }) => void seen.push(payload),
      schemas: { message: { '~standard': { version: 1, vendor: 'test', validate } } },
    });
    await until(() => seen.length === 3);
    expect(seen).toEqual([10, 20, 30]);
    server.publish('four');
    await until(() => client.state.kind === 'stopped');
    expect(client.state).toMatchObject({ error: { code: 'E_MESSAGE' } });
    await client.close();
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('schema bug');
      },
    ],
    ['rejects', () => Promise.reject(new Error('schema bug'))],
    ['gives nothing', () => undefined as never],
    ['promises nothing', async () => undefined as never],
  ])('whose schema %s stops the client', async (_, validate) => {
    const { server, options } = await meet(keys);
    server.log.push(1);
    const client = await connect<number>({
      ...options,
      onMessage: () => {},
      schemas: { message: { '~standard': { version: 1, vendor: 'test', validate } } },
    });
    await until(() => client.state.kind === 'stopped');
    expect(client.state).toMatchObject({
      error: { code: 'E_MESSAGE', cause: { message: expect.stringMatching(/schema (bug|gave no result)/) } },
    });
    await client.close();
  });

  test('because it does not fit the schema stops the client', async () => {
    const seen: number[] = [];
    const { server, options } = await meet(keys);
    server.log.push(1, 'two');
    const client = await connect<number>({
      ...options,
      onMessage: ({ payload }) => void seen.push(payload),
      schemas: {
        message: {
          '~standard': {
            version: 1,
            vendor: 'test',
            validate: (value) =>
              typeof value === 'number' ? { value: value * 10 } : { issues: [{ message: 'not a number' }] },
          },
        },
      },
    });
    await until(() => client.state.kind === 'stopped');
    expect(seen).toEqual([10]);
    expect(client.state).toMatchObject({ error: { code: 'E_MESSAGE' } });
    await client.close();
  });

  test('because its ORDER leaps stops the client the fifth time', async () => {
    const { server, client } = await connected(
      keys,
      { onSession: (session) => queueMicrotask(() => session.deliverRaw(1n << 60n, encodeJson(1))) },
      { maxOrderGap: 1_000n, resumeFrom: 5n },
    );
    await until(() => client.state.kind === 'stopped');
    expect(client.state).toMatchObject({ error: { code: 'E_STUCK' } });
    expect(server.sessions.length).toBe(5);
    await client.close();
  });
});

describe('a restart before the first message was handled', () => {
  /** A client that is handed the first message, and ends before it has handled it. */
  async function handedOne(firstOrder: bigint) {
    const state = memoryClientState();
    const { server, options } = await meet(keys);
    server.firstOrder = firstOrder;
    server.log.push('first', 'second');
    const { seen, handler } = gatedHandler();
    await connect({ ...options, state, onMessage: handler });
    await until(() => seen.length === 1);
    const next: Message[] = [];
    const restarted = () =>
      connect({ ...options, state: state.reopen(), onMessage: (message) => void next.push(message) });
    return { server, restarted, next };
  }

  test('stops the client where ORDER 1 is gone since, until the application chooses [P7, D7]', async () => {
    const { server, restarted, next } = await handedOne(1n);
    server.firstOrder = 3n;
    server.log.splice(0, 2, 'third', 'fourth');
    const client = await restarted();
    await until(() => client.state.kind === 'stopped');
    expect(server.session.hellos).toEqual([0n]);
    expect(next).toEqual([]);
    expect(client.state).toMatchObject({
      error: { code: 'E_HISTORY_GONE', message: expect.stringContaining('up to ORDER 2 are gone') },
    });
    client.resumeFrom('oldest');
    await until(() => next.length === 2);
    expect(payloads(next)).toEqual(['third', 'fourth']);
    expect(server.session.hellos).toEqual([-1n]);
    await client.close();
  });

  test('gets it again where it is still there [P7]', async () => {
    const { restarted, next } = await handedOne(1n);
    const client = await restarted();
    await until(() => next.length === 2);
    expect(next).toMatchObject([
      { payload: 'first', possiblyHandled: true },
      { payload: 'second', possiblyHandled: true },
    ]);
    await client.close();
  });

  test('names the ORDER before it, so that the server sees what is gone [D7]', async () => {
    const { server, restarted } = await handedOne(5n);
    const client = await restarted();
    expect(server.session.hellos).toEqual([4n]);
    await client.close();
  });

  test('takes the oldest that is kept where nothing was handed over', async () => {
    const { server, options } = await meet(keys);
    server.firstOrder = 5n;
    server.log.push('fifth');
    const state = memoryClientState();
    await (await connect({ ...options, state })).close();
    const next: Message[] = [];
    const client = await connect({
      ...options,
      state: state.reopen(),
      onMessage: (message) => void next.push(message),
    });
    await until(() => next.length === 1);
    expect(payloads(next)).toEqual(['fifth']);
    await client.close();
  });
});

describe('where to read on', () => {
  test.each([
    ['oldest' as const, [1, 2, 3]],
    [0n, [1, 2, 3]],
    [2n, [3]],
  ])('can be given: %s', async (resumeFrom, expected) => {
    const { server, options } = await meet(keys);
    server.log.push(1, 2, 3);
    const seen: unknown[] = [];
    const client = await connect({
      ...options,
      resumeFrom,
      onMessage: ({ payload }) => void seen.push(payload),
    });
    await until(() => seen.length === expected.length);
    expect(seen).toEqual(expected);
    await client.close();
  });

  test('is chosen by the application after 4100', async () => {
    const { seen, handler, letAll } = gatedHandler();
    letAll();
    let gone = true;
    const { server, client } = await connected(
      keys,
      {
        onSession: (session) => {
          if (gone && session.hellos[0] === 3n) session.fail(4100, 'gone');
        },
      },
      {
        resumeFrom: 3n,
        onMessage: handler,
        onState: ({ kind }) => {
          if (kind === 'stopped') gone = false;
        },
      },
    );
    await until(() => client.state.kind === 'stopped');
    expect(client.state).toMatchObject({ error: { code: 'E_HISTORY_GONE' } });
    const sending = client.send('kept');
    expect(await rejection(client.call('x'))).toMatchObject({ code: 'E_CALL_NOT_SENT' });
    server.log.push(1, 2);
    client.resumeFrom('oldest');
    await until(() => seen.length === 2);
    expect((await sending).sequence).toBe(0n);
    expect(() => client.resumeFrom('oldest')).toThrow(expect.objectContaining({ code: 'E_STATE' }));
    await client.close();
  });

  test('can be chosen before the stop has come to its end', async () => {
    const seen: unknown[] = [];
    const { server, options } = await meet(keys);
    server.log.push(1, 2);
    const client = await connect({
      ...options,
      resumeFrom: 9n,
      onMessage: ({ payload }) => void seen.push(payload),
    });
    client.onState(async (state) => {
      await Promise.resolve();
      if (state.kind === 'stopped') client.resumeFrom(1n);
    });
    server.session.fail(4101, 'ahead');
    await until(() => seen.length === 1);
    expect(seen).toEqual([2]);
    await client.close();
  });

  test('can be chosen inside the state listener', async () => {
    const seen: unknown[] = [];
    const { server, options } = await meet(keys);
    server.log.push(1, 2);
    const client = await connect({
      ...options,
      resumeFrom: 9n,
      onMessage: ({ payload }) => void seen.push(payload),
    });
    client.onState((state) => {
      if (state.kind === 'stopped') client.resumeFrom(1n);
    });
    server.session.fail(4101, 'ahead');
    await until(() => seen.length === 1);
    expect(seen).toEqual([2]);
    await client.close();
  });
});
