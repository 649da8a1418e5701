import { setTimeout } from 'node:timers/promises';
import { connect } from '@sealwire/client';
import { type ServerEvent, serve } from '@sealwire/server';
import { memoryServerStore } from '@sealwire/store';
import { dialWebSocket, listenWebSocket } from '@sealwire/transport-ws';
import { expect, it } from 'vitest';
import { aliceAndBob, aliceKey, serverKey } from './keys.js';

it.each([
  ['large', 40, 60_000],
  ['small', 900, 200],
])('a backlog of %s messages is taken by a server whose store is slow to answer', async (_, count, size) => {
  const store = memoryServerStore();
  const claim = store.claim.bind(store);
  store.claim = async (clientId, over) => {
    await setTimeout(50);
    return claim(clientId, over);
  };
  const events: ServerEvent[] = [];
  const handled: number[] = [];
  const server = await serve({
    listen: listenWebSocket({ port: 0 }),
    serverKey,
    clients: aliceAndBob,
    store,
    onMessage: ({ payload }) => void handled.push((payload as { n: number }).n),
    onEvent: (event) => events.push(event),
  });
  const client = await connect({
    dial: dialWebSocket(server.urls[0] ?? ''),
    clientId: 'alice',
    clientKey: aliceKey,
    serverKey: serverKey.publicKey,
    reconnect: { first: 20, max: 200 },
  });
  client.reconnect();
  const sent = Array.from({ length: count }, (_, n) => client.send({ n, text: 'x'.repeat(size) }));
  await Promise.all((await Promise.all(sent)).map(({ outcome }) => outcome));
  expect(handled).toEqual(Array.from({ length: count }, (_, n) => n));
  expect(events.filter(({ type }) => type === 'handshake-refused')).toEqual([]);
  await client.close();
  await server.close();
});
