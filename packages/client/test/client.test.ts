import { beforeAll, describe, expect, test } from 'vitest';
import { type Keys, makeKeys } from './keys.js';
import { connected, connectedVirtually } from './set-up.js';
import { outcomeOf, settle, until } from './until.js';

let keys: Keys;
beforeAll(async () => {
  keys = await makeKeys();
});

describe('client', () => {
  test('sends, receives and calls', async () => {
    const { server, client } = await connected(keys, { onRequest: (payload) => ({ echo: payload }) });
    expect(client.state).toMatchObject({ kind: 'live', lastSeenSequence: -1n, layout: 'documented' });
    const sent = await client.send({ n: 1 });
    expect(sent.sequence).toBe(0n);
    await until(() => server.accepted.length === 1);
    expect(server.accepted).toEqual([{ n: 1 }]);
    expect(await client.call({ question: 2 })).toEqual({ echo: { question: 2 } });
    server.publish('a', 'b');
    const messages = client.messages();
    expect(await messages.next()).toEqual({
      done: false,
      value: { order: 1n, timestamp: 1_700_000_000.5, payload: 'a', possiblyHandled: false },
    });
    expect((await messages.next()).value).toMatchObject({ order: 2n, payload: 'b' });
    await client.close();
    expect(client.state).toEqual({ kind: 'closed' });
    expect(await messages.next()).toEqual({ done: true, value: undefined });
  });

  test('refuses a listener that is no function, and goes on', async () => {
    const { client } = await connected(keys);
    const wrong = expect.objectContaining({ code: 'E_OPTION' });
    expect(() => client.onState('fn' as never)).toThrow(wrong);
    expect(() => client.onMessage('fn' as never)).toThrow(wrong);
    expect(client.state.kind).toBe('live');
    client.onMessage(() => {});
    await client.close();
    expect(client.state).toEqual({ kind: 'closed' });
  });

  test('goes on where it was after a cut', async () => {
    const { transport, server, client } = await connected(keys);
    const seen: unknown[] = [];
    client.onMessage(({ payload }) => void seen.push(payload));
    await client.send('one');
    server.publish(1);
    await until(() => seen.length === 1);
    for (const pair of transport.pairs) pair.faults.cut();
    await client.send('two');
    await until(() => server.accepted.length === 2);
    server.publish(2);
    await until(() => seen.length === 2);
    expect(server.accepted).toEqual(['one', 'two']);
    expect(seen).toEqual([1, 2]);
    expect(server.session.hellos).toEqual([1n]);
    await client.close();
  });

  test('tells its states in order', async () => {
    const kinds: string[] = [];
    const { transport, client } = await connected(keys, {}, { onState: ({ kind }) => void kinds.push(kind) });
    for (const pair of transport.pairs) pair.faults.cut();
    await until(() => client.state.kind === 'waiting');
    expect(client.state).toMatchObject({ attempt: 1, cause: { code: 'E_LOST', closeCode: 1006 } });
    await until(() => client.state.kind === 'live');
    await client.close();
    expect(kinds).toEqual(['connecting', 'live', 'waiting', 'connecting', 'live', 'closing', 'closed']);
  });

  test('stops telling a listener that was taken off', async () => {
    const { client } = await connected(keys);
    let calls = 0;
    const off = client.onState(() => {
      calls += 1;
    });
    off();
    await client.close();
    expect(calls).toBe(0);
  });

  test('stops when a state listener throws', async () => {
    const { transport, client } = await connected(keys);
    client.onState(({ kind }) => {
      if (kind === 'waiting') throw new Error('bug');
    });
    for (const pair of transport.pairs) pair.faults.cut();
    await until(() => client.state.kind === 'stopped');
    expect(client.state).toMatchObject({ error: { code: 'E_HANDLER', cause: { message: 'bug' } } });
    await client.close();
  });

  test('dials at once when told to reconnect', async () => {
    const { server, client } = await connected(keys, {}, { reconnect: { first: 60_000, max: 60_000 } });
    client.reconnect();
    await until(() => client.state.kind === 'live' && server.sessions.length === 2);
    await client.close();
  });

  test('does not wait out the back-off when told to reconnect', async () => {
    const { transport, server, client } = await connected(
      keys,
      {},
      { reconnect: { first: 60_000, max: 60_000 }, random: () => 0.9 },
    );
    for (const pair of transport.pairs) pair.faults.cut();
    await until(() => client.state.kind === 'waiting');
    client.reconnect();
    await until(() => client.state.kind === 'live' && server.sessions.length === 2);
    await client.close();
  });

  test('knows the attempt that reconnect() ended behind its proof for its own', async () => {
    let opened = 0;
    const onSession = () => {
      opened += 1;
    };
    const { transport, server, client, clock } = await connectedVirtually(keys, { onSession });
    transport.onPair = ({ faults }) => {
      transport.onPair = undefined;
      faults.down.set({ delay: 100 });
    };
    client.reconnect();
    while (opened < 2) {
      clock.advance(10);
      await settle(clock);
    }
    // The proof has arrived, and the answer to it is on its way.
    expect(client.state.kind).toBe('connecting');
    client.reconnect();
    await until(() => client.state.kind === 'live', clock);
    server.session.fail(4000, 'the same id connected again');
    await until(() => client.state.kind !== 'live', clock);
    expect(client.state).toMatchObject({ kind: 'waiting', cause: { closeCode: 4000 } });
    await outcomeOf(client.close(), clock);
  });

  test('closes at the end of its block', async () => {
    const { client } = await connected(keys);
    {
      await using scoped = client;
      expect(scoped.state.kind).toBe('live');
    }
    expect(client.state.kind).toBe('closed');
  });
});
