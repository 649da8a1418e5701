import { connect } from '@sealwire/client';
import { serve } from '@sealwire/server';
import { dialWebSocket, listenWebSocket } from '@sealwire/transport-ws';
import { expect, it, onTestFinished } from 'vitest';
import { KeyAgent } from './agent/agent.js';

/** A busy machine may take its time. */
const patient = { timeout: 15_000 };

async function start() {
  const [alice, host] = await Promise.all([KeyAgent.start(), KeyAgent.start()]);
  onTestFinished(async () => {
    await Promise.all([alice.agent.stop(), host.agent.stop()]);
  });
  const received: unknown[] = [];
  const server = await serve({
    listen: listenWebSocket({ port: 0 }),
    serverKey: host.key,
    clients: new Map([['alice', { publicKey: alice.key.publicKey, hardening: 'require' }]]),
    onMessage: ({ payload }, tx) => {
      received.push(payload);
      tx.publish({ done: payload });
    },
    onRequest: ({ payload }) => ({ echo: payload }),
  });
  onTestFinished(() => server.close());
  const client = await connect({
    dial: dialWebSocket(server.urls[0] ?? ''),
    clientId: 'alice',
    clientKey: alice.key,
    serverKey: host.key.publicKey,
    hardening: 'require',
    reconnect: { first: 20, max: 20 },
  });
  onTestFinished(() => client.close({ timeout: 0 }));
  return { alice: alice.agent, host: host.agent, client, received };
}

it('serves both sides from processes that keep their private keys to themselves', async () => {
  const { alice, host, client } = await start();
  expect(client.state).toMatchObject({ kind: 'live', hardening: 'hardened' });
  const { outcome } = await client.send({ buy: '1' });
  expect(await client.call('balance?')).toEqual({ echo: 'balance?' });
  await client.flush();
  expect((await outcome).kind).toBe('accepted');
  for await (const { payload } of client.messages()) {
    expect(payload).toEqual({ done: { buy: '1' } });
    break;
  }
  // The first two are the trial of a new key; then the welcome, the proof, and one signature for each frame.
  expect(alice.operations.slice(0, 4)).toEqual(['sign', 'decrypt', 'decrypt', 'sign']);
  expect(alice.operations.filter((operation) => operation === 'sign').length).toBeGreaterThanOrEqual(4);
  // A server signs nothing in the protocol.
  expect(host.operations).toEqual(['sign', 'decrypt', 'decrypt']);
});

it('sends nothing unsigned where the device is away, and says what it was', async () => {
  const { alice, client, received } = await start();
  await alice.stop();
  const causes: unknown[] = [];
  client.onState((state) => void (state.kind === 'waiting' && causes.push(state.cause.cause)));
  void client.send('unsigned').catch(() => {});
  await expect.poll(() => causes.length, patient).toBeGreaterThan(0);
  expect(causes[0]).toMatchObject({
    code: 'E_CRYPTO',
    cause: { code: 'E_EXTERNAL', cause: { message: 'the agent is gone' } },
  });
  expect(received).toEqual([]);
});
