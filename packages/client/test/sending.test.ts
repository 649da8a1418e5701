import { encodeJson } from '@sealwire/session';
import { type ClientState, memoryClientState, StoreError } from '@sealwire/store';
import { beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../src/index.js';
import { type Keys, makeKeys } from './keys.js';
import { connected, connectedVirtually, meet, overPlainLinks, rejection } from './set-up.js';
import { outcomeOf, settle, until } from './until.js';

let keys: Keys;
beforeAll(async () => {
  keys = await makeKeys();
});

describe('send', () => {
  test('numbers messages in the order of the calls and batches them', async () => {
    const { server, client } = await connected(keys);
    const sent = await Promise.all(Array.from({ length: 100 }, (_, n) => client.send(n)));
    expect(sent.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 100 }, (_, n) => BigInt(n)));
    await until(() => server.accepted.length === 100);
    expect(server.accepted).toEqual(Array.from({ length: 100 }, (_, n) => n));
    await client.close();
  });

  test('goes on after the SEQUENCE that the server named', async () => {
    const { server, options } = await meet(keys);
    server.lastSequence = 41n;
    const client = await connect(options);
    expect(client.state).toMatchObject({ kind: 'live', lastSeenSequence: 41n });
    expect((await client.send('x')).sequence).toBe(42n);
    await client.close();
  });

  test('takes no number for a payload that JSON cannot carry, or that is too big [S79, S80]', async () => {
    const { client } = await connected(keys, {}, { maxFrameBytes: 1_000 });
    expect(await rejection(client.send(undefined))).toMatchObject({ code: 'E_JSON' });
    const bigint = await rejection(client.send(1n));
    expect(bigint).toMatchObject({ code: 'E_JSON', message: expect.stringContaining('it holds a bigint') });
    expect(bigint).not.toHaveProperty('cause');
    expect(await rejection(client.send(Number.NaN))).toMatchObject({ code: 'E_JSON' });
    expect(await rejection(client.send('x'.repeat(1_000)))).toMatchObject({ code: 'E_OVERFLOW' });
    expect((await client.send('y'.repeat(1_000 - 256 - 66 - 2))).sequence).toBe(0n);
    await client.close();
  });

  test('hands over nothing before the state has it on disk', async () => {
    const memory = memoryClientState();
    let open: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const state: ClientState = {
      load: () => memory.load(),
      trim: (upTo) => memory.trim(upTo),
      save: (change) => memory.save(change),
      close: () => memory.close(),
      append: async (entries) => {
        await gate;
        await memory.append(entries);
      },
    };
    const { server, client } = await connected(keys, {}, { state });
    let handedOver = false;
    const sending = client.send('x').then(() => {
      handedOver = true;
    });
    await settle();
    expect([handedOver, server.accepted.length]).toEqual([false, 0]);
    open();
    await sending;
    await until(() => server.accepted.length === 1);
    await client.close();
  });

  test('stops when the state fails', async () => {
    const memory = memoryClientState();
    const state: ClientState = {
      load: () => memory.load(),
      trim: (upTo) => memory.trim(upTo),
      save: (change) => memory.save(change),
      close: () => memory.close(),
      append: async () => {
        throw new StoreError('E_IO', 'the disk is gone');
      },
    };
    const { client } = await connected(keys, {}, { state });
    expect(await rejection(client.send('x'))).toMatchObject({ code: 'E_STORE' });
    expect(client.state).toMatchObject({ kind: 'stopped', error: { cause: { code: 'E_IO' } } });
    await client.close();
  });

  test('gives the numbers back that a full state did not take', async () => {
    const { server, client } = await connected(
      keys,
      { checkpoint: true },
      { checkpoint: true, state: memoryClientState({ maxOutboxEntries: 1 }) },
    );
    const [first, second] = await Promise.allSettled([client.send('a'), client.send('b')]);
    expect(first).toMatchObject({ reason: { code: 'E_OUTBOX_FULL' } });
    expect(second).toMatchObject({ reason: { code: 'E_OUTBOX_FULL' } });
    expect((await client.send('c')).sequence).toBe(0n);
    await until(() => server.accepted.length === 1);
    await client.close();
  });
});

describe('outbox', () => {
  test('refuses when it is full, if told so [O6]', async () => {
    const { client } = await connected(keys, {}, { outbox: { maxMessages: 2, whenFull: 'refuse' } });
    const sends = ['a', 'b'].map((payload) => client.send(payload));
    expect(await rejection(client.send('c'))).toMatchObject({ code: 'E_OUTBOX_FULL' });
    await Promise.all(sends);
    await client.close();
  });

  test('makes senders wait for room, in order, and bounds them too [O6]', async () => {
    const { server, client } = await connected(
      keys,
      { checkpoint: true },
      { checkpoint: true, outbox: { maxMessages: 2 } },
    );
    const sends = ['a', 'b', 'c', 'd'].map((payload) => client.send(payload));
    expect(await rejection(client.send('e'))).toMatchObject({ code: 'E_OUTBOX_FULL' });
    const sent = await Promise.all(sends);
    expect(sent.map(({ sequence }) => sequence)).toEqual([0n, 1n, 2n, 3n]);
    await until(() => server.accepted.length === 4);
    expect(server.accepted).toEqual(['a', 'b', 'c', 'd']);
    await client.close();
  });

  test('makes room by a new welcome where there is no Checkpoint [O6]', async () => {
    const { server, client, clock } = await connectedVirtually(keys, {}, { outbox: { maxMessages: 4 } });
    const sends = [1, 2, 3, 4, 5].map((payload) => client.send(payload));
    await until(() => server.accepted.length === 4, clock);
    expect(server.sessions.length).toBe(1);
    clock.advance(100);
    const sent = await outcomeOf(Promise.all(sends), clock);
    expect(server.sessions.length).toBe(2);
    expect(await sent[0]?.outcome).toEqual({ kind: 'consumed' });
    await outcomeOf(client.close(), clock);
  });

  test('stops signing while the link is full [M5]', async () => {
    const { server, client, transport } = await connected(keys, {}, { maxBufferedBytes: 1_000 });
    const [pair] = transport.pairs;
    // Half a window more than what may wait: the rest must not even be signed.
    pair?.faults.up.set({ window: 500 });
    pair?.faults.up.stall();
    const sends = Array.from({ length: 100 }, (_, n) => client.send(n));
    await settle();
    await settle();
    expect(pair?.client.bufferedBytes).toBeLessThan(1_000 + 33 * 400);
    pair?.faults.up.heal();
    await Promise.all(sends);
    await until(() => server.accepted.length === 100);
    await client.close();
  });
});

describe('outcome', () => {
  test('is accepted when the Checkpoint says so', async () => {
    const { client } = await connected(keys, { checkpoint: true }, { checkpoint: true });
    const { outcome } = await client.send('x');
    expect(await outcome).toEqual({ kind: 'accepted' });
    await client.close();
  });

  test('is refused with the reason that the Checkpoint names', async () => {
    const { server, client } = await connected(
      keys,
      {
        checkpoint: true,
        onMessage: ({ payload }) => (payload === 'bad' ? { refuse: 'no such pair' } : 'accept'),
      },
      { checkpoint: true },
    );
    const sent = await Promise.all(['good', 'bad', 'also good'].map((payload) => client.send(payload)));
    expect(await Promise.all(sent.map(({ outcome }) => outcome))).toEqual([
      { kind: 'accepted' },
      { kind: 'refused', reason: 'no such pair' },
      { kind: 'accepted' },
    ]);
    expect(server.accepted).toEqual(['good', 'also good']);
    await client.close();
  });

  test.each(['prefer', 'off'] as const)(
    'is refused ten times in a row within two seconds (hardening %s)',
    async (hardening) => {
      const { client, clock } = await connectedVirtually(
        keys,
        { checkpoint: true, onMessage: () => ({ refuse: 'no' }) },
        { hardening, checkpoint: true },
      );
      const began = clock.now();
      for (let times = 0; times < 10; times += 1) {
        const { outcome } = await outcomeOf(client.send('bad'), clock);
        let settled = false;
        void outcome.then(() => {
          settled = true;
        });
        while (!settled) {
          await settle(clock);
          if (!settled) clock.advance(10);
        }
        expect(await outcome).toEqual({ kind: 'refused', reason: 'no' });
      }
      expect(clock.now() - began).toBeLessThan(2_000);
      await outcomeOf(client.close(), clock);
    },
  );

  test('is consumed where the server has forgotten which messages it refused, and exact above', async () => {
    const { client } = await connected(
      keys,
      {
        onRequest: () => ({
          '@type': 'sealwire.Checkpoint',
          last_seen_sequence: '3',
          refused: [
            { sequence: '1', reason: 'remembered' },
            { sequence: '3', reason: 'no' },
          ],
          unknown_up_to: '1',
        }),
      },
      { checkpoint: true },
    );
    const sent = await Promise.all([0, 1, 2, 3].map((n) => client.send(n)));
    expect(await Promise.all(sent.map(({ outcome }) => outcome))).toEqual([
      { kind: 'consumed' },
      { kind: 'refused', reason: 'remembered' },
      { kind: 'accepted' },
      { kind: 'refused', reason: 'no' },
    ]);
    await client.close();
  });

  test('without Checkpoint is consumed, and refused for the last one before an ERROR', async () => {
    const { server, client } = await connected(keys, {
      onMessage: ({ payload }) => (payload === 'bad' ? { refuse: 'no such pair', code: 4002 } : 'accept'),
    });
    const sent = await Promise.all(['good', 'bad'].map((payload) => client.send(payload)));
    expect(await Promise.all(sent.map(({ outcome }) => outcome))).toEqual([
      { kind: 'consumed' },
      { kind: 'refused', reason: 'no such pair', code: 4002 },
    ]);
    expect(server.accepted).toEqual(['good']);
    await client.close();
  });

  test('is not refused by an ERROR that is about something else', async () => {
    const { server, client, transport } = await connected(keys);
    const { outcome } = await client.send('x');
    await until(() => server.accepted.length === 1);
    server.session.fail(1011, 'out of order');
    expect(await outcome).toEqual({ kind: 'consumed' });
    expect(transport.pairs.size).toBe(1);
    await client.close();
  });

  test('is not refused by an ERROR whose close was cut off, which may have been any [N5]', async () => {
    const { server, client } = await connected(keys, {}, { reconnect: { first: 1_000_000, max: 1_000_000 } });
    const { outcome } = await client.send('x');
    await until(() => server.accepted.length === 1);
    const { link } = server.session;
    Object.assign(link, { close: () => {} });
    server.session.fail(1011, 'the server failed at the next message');
    await settle();
    link.terminate();
    await until(() => client.state.kind === 'waiting');
    expect(client.state).toMatchObject({
      cause: { message: expect.stringContaining('1006: the server failed') },
    });
    client.reconnect();
    expect(await outcome).toEqual({ kind: 'consumed' });
    await client.close();
  });

  test('asks for a Checkpoint after 25 ms of quiet', async () => {
    let asked = 0;
    const { client, clock, server } = await connectedVirtually(
      keys,
      {
        onRequest: (payload) => {
          asked += 1;
          expect(payload).toEqual({ '@type': 'sealwire.Checkpoint', confirmed: '-1' });
          return server.checkpoint(-1n);
        },
      },
      { checkpoint: true },
    );
    let sent = false;
    void client.send('x').then(() => {
      sent = true;
    });
    await until(() => sent && server.accepted.length === 1, clock);
    clock.advance(24);
    await settle(clock);
    expect(asked).toBe(0);
    clock.advance(1);
    await until(() => asked === 1, clock);
    await outcomeOf(client.close(), clock);
  });

  test('asks for a Checkpoint within 250 ms where messages trickle and are never quiet nor many', async () => {
    const { client, clock, server } = await connectedVirtually(
      keys,
      { onRequest: () => server.checkpoint(-1n) },
      { checkpoint: true },
    );
    const { outcome } = await outcomeOf(client.send('first'), clock);
    let told = false;
    void outcome.then(() => {
      told = true;
    });
    let elapsed = 0;
    for (; !told && elapsed < 1_000; elapsed += 20) {
      clock.advance(20);
      await outcomeOf(client.send(elapsed), clock);
      await settle(clock);
    }
    expect(elapsed).toBe(260);
    await outcomeOf(client.close(), clock);
  });

  test('asks for a Checkpoint after 64 messages', async () => {
    let asked = 0;
    const { client, clock, server } = await connectedVirtually(
      keys,
      {
        onRequest: () => {
          asked += 1;
          return server.checkpoint(-1n);
        },
      },
      { checkpoint: true },
    );
    const sends = Array.from({ length: 64 }, (_, n) => client.send(n));
    await until(() => asked === 1, clock);
    const sent = await outcomeOf(Promise.all(sends), clock);
    expect(await outcomeOf(Promise.resolve(sent[63]?.outcome), clock)).toEqual({ kind: 'accepted' });
    await outcomeOf(client.close(), clock);
  });

  test('does not ask a server at the pace of the link that has nothing to tell', async () => {
    let asked = 0;
    const { client, clock } = await connectedVirtually(
      keys,
      {
        onRequest: () => {
          asked += 1;
          return { '@type': 'sealwire.Checkpoint', last_seen_sequence: '-1', refused: [] };
        },
      },
      { checkpoint: true },
    );
    await outcomeOf(client.send('x'), clock);
    for (let seconds = 0; seconds < 5; seconds += 1) {
      clock.advance(1_000);
      await settle(clock);
    }
    expect(asked).toBeGreaterThan(1);
    expect(asked).toBeLessThan(7);
    await outcomeOf(client.close(), clock);
  });

  test('stops on a Checkpoint that names what was never sent', async () => {
    const { client } = await connected(
      keys,
      { onRequest: () => ({ '@type': 'sealwire.Checkpoint', last_seen_sequence: '7', refused: [] }) },
      { checkpoint: true },
    );
    const { outcome } = await client.send('x');
    expect(await rejection(outcome)).toMatchObject({
      code: 'E_OUTCOME_UNKNOWN',
      cause: { code: 'E_DESYNC' },
    });
    expect(client.state).toMatchObject({ kind: 'stopped', error: { code: 'E_DESYNC' } });
    await client.close();
  });
});

describe('numbering', () => {
  test('sends again what the server has not seen, and only that', async () => {
    const seen: bigint[] = [];
    let losses = 0;
    const { server, client } = await connected(keys, {
      onMessage: ({ sequence }) => {
        seen.push(sequence);
        if (sequence === 2n && losses === 0) {
          losses += 1;
          return 'lost';
        }
        return sequence === 4n ? 'counted' : 'accept';
      },
    });
    for (let n = 0; n < 7; n += 1) await client.send(n);
    await until(() => server.accepted.length === 7);
    expect(server.accepted).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(seen).toEqual([0n, 1n, 2n, 2n, 3n, 4n, 5n, 6n]);
    await client.close();
  });

  test('takes the numbers of another welcome while none was used', async () => {
    const { server, client } = await connected(keys);
    server.lastSequence = 9n;
    client.reconnect();
    await until(() => client.state.kind === 'live' && server.sessions.length === 2);
    expect((await client.send('x')).sequence).toBe(10n);
    await until(() => server.accepted.length === 1);
    await client.close();
  });

  test.each([
    ['below what was confirmed', -1n],
    ['above what was handed over', 8n],
  ])('stops when the server names a SEQUENCE %s', async (_, lastSequence) => {
    const { server, client } = await connected(keys);
    await client.send('x');
    await until(() => server.accepted.length === 1);
    client.reconnect();
    await until(() => client.state.kind === 'live' && server.sessions.length === 2);
    server.lastSequence = lastSequence;
    client.reconnect();
    await until(() => client.state.kind === 'stopped');
    expect(client.state).toMatchObject({ error: { code: 'E_DESYNC' } });
    expect(await rejection(client.send('y'))).toMatchObject({ code: 'E_DESYNC' });
    await client.close();
  });

  test('keeps its numbers over a restart, and sends what was not confirmed', async () => {
    const state = memoryClientState();
    const { server, options } = await meet(keys, {
      onMessage: ({ sequence }) => (sequence === 1n ? 'lost' : 'accept'),
    });
    const first = await connect({ ...options, state, reconnect: { first: 60_000, max: 60_000 } });
    await first.send('a');
    await first.send('b');
    await until(() => first.state.kind === 'waiting');
    await first.close();
    server.script.onMessage = () => 'accept';
    const second = await connect({ ...options, state: state.reopen() });
    expect((await second.send('c')).sequence).toBe(2n);
    await until(() => server.accepted.length === 3);
    expect(server.accepted).toEqual(['a', 'b', 'c']);
    await second.close();
  });

  test('stops with a message of an earlier process that no frame can carry', async () => {
    const state = memoryClientState();
    await state.append([{ index: 0n, json: encodeJson('x'.repeat(2_000)) }]);
    const { options } = await meet(keys);
    const states: string[] = [];
    const connecting = connect({
      ...options,
      state,
      maxFrameBytes: 1_000,
      onState: (now) => void states.push(now.kind === 'stopped' ? now.error.code : now.kind),
    });
    expect(await rejection(connecting)).toMatchObject({ code: 'E_STUCK', cause: { code: 'E_OVERFLOW' } });
    expect(states.at(-1)).toBe('E_STUCK');
  });

  test('moves no state over a plain link that leaves the machine', async () => {
    const state = memoryClientState();
    const { server, options, transport } = await meet(keys, { onRequest: (payload) => payload });
    const dial = overPlainLinks(transport);
    const seen: unknown[] = [];
    const client = await connect({
      ...options,
      dial,
      state,
      hardening: 'prefer',
      onMessage: ({ payload }) => void seen.push(payload),
    });
    expect(await client.call('question')).toBe('question');
    const sent = [rejection(client.send('x')), rejection(client.send('w'))];
    server.publish('y', 'z');
    await until(() => seen.length === 2);
    client.reconnect();
    await until(() => seen.length === 4);
    expect(server.session.hellos).toEqual([-1n]);
    await client.close();
    expect(await Promise.all(sent)).toMatchObject([{ code: 'E_CLOSED' }, { code: 'E_CLOSED' }]);
    expect(await state.load()).toMatchObject({
      savedOrder: -1n,
      reservedOrder: -1n,
      sequenceOffset: undefined,
      outbox: [{ index: 0n }, { index: 1n }],
    });
    expect(server.accepted).toEqual([]);
    const trusting = await connect({ ...options, dial, state: state.reopen(), trustUnhardenedServer: true });
    await until(() => server.accepted.length === 2);
    expect(server.accepted).toEqual(['x', 'w']);
    await trusting.close();
  });
});
