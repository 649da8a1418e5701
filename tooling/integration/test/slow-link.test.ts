import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { connect } from '@sealwire/client';
import { serve } from '@sealwire/server';
import { dialWebSocket, listenWebSocket } from '@sealwire/transport-ws';
import { expect, it } from 'vitest';
import { aliceKey, serverKey, serverPublicKey } from './keys.js';

const messages = 80;

it('a link that takes 20 s for what waits is not given up [N2, N11]', { timeout: 120_000 }, async () => {
  const closed: unknown[] = [];
  await using server = await serve({
    listen: listenWebSocket({ port: 0 }),
    serverKey,
    clients: new Map([['alice', { publicKey: aliceKey.publicKey }]]),
    // All that waits fits into the buffers of the systems between, and takes several times as long as these.
    deadlines: { ping: 1_000, pong: 2_000 },
    stallTimeout: 3_000,
    onEvent: (event) => event.type === 'session-closed' && closed.push(event),
  });
  for (let n = 0; n < messages; n += 1) await server.publish('alice', { n, text: '.'.repeat(50_000) });
  await using proxy = await slowProxy(Number(new URL(server.urls[0] ?? '').port), 200_000);
  let resolve = () => {};
  const all = new Promise<void>((done) => {
    resolve = done;
  });
  const received: unknown[] = [];
  const client = await connect({
    dial: dialWebSocket(`ws://127.0.0.1:${proxy.port}`),
    clientId: 'alice',
    clientKey: aliceKey,
    serverKey: serverPublicKey,
    onMessage: ({ payload }) => {
      received.push((payload as { n: number }).n);
      if (received.length === messages) resolve();
    },
  });
  await all;
  expect(received).toEqual(Array.from({ length: messages }, (_, n) => n));
  expect(closed).toEqual([]);
  expect(proxy.links).toBe(1);
  await client.close();
});

/** Carries everything, but to the client only so many bytes a second. */
async function slowProxy(port: number, bytesPerSecond: number) {
  const sockets = new Set<Socket>();
  let links = 0;
  const carrySlowly = async (from: Socket, to: Socket) => {
    for (; !from.destroyed; await setTimeout(50)) {
      const bytes: Buffer | null = from.read(Math.min(bytesPerSecond / 20, from.readableLength));
      if (bytes !== null) to.write(bytes);
    }
    to.destroy();
  };
  const listener = createServer((near) => {
    const far = connectTcp(port, '127.0.0.1');
    links += 1;
    near.pipe(far);
    void carrySlowly(far, near);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
    }
    near.once('close', () => far.destroy());
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    get links() {
      return links;
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
