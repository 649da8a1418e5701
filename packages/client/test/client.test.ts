import { memoryTransport } from '@sealwire/transport';
import { beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../src/index.js';
import { type Keys, makeKeys } from './keys.js';
import { ScriptedServer, type ServerScript } from './scripted-server.js';
import { until } from './until.js';

let keys: Keys;
beforeAll(async () => {
  keys = await makeKeys();
});

async function setUp(script: ServerScript = {}, options: object = {}) {
  const transport = memoryTransport();
  const server = new ScriptedServer(keys, script);
  await server.listen(transport);
  const client = await connect({
    dial: transport.dial,
    clientId: 'alice',
    clientKey: keys.client.privateKey,
    serverKey: keys.server.publicKey,
    reconnect: { max: 20 },
    ...options,
  });
  return { transport, server, client };
}

describe('client', () => {
  test('sends, receives and calls', async () => {
    const { server, client } = await setUp({ onRequest: (payload) => ({ echo: payload }) });
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

  test('goes on where it was after a cut', async () => {
    const { transport, server, client } = await setUp();
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
});
