import type { Layout } from '@sealwire/scenarios';
import { type Server, type ServerEvent, serve } from '@sealwire/server';
import { listenWebSocket } from '@sealwire/transport-ws';
import { afterEach, describe, expect, it } from 'vitest';
import { ForeignClient } from './foreign/client.js';
import { aliceKey, foreign, serverKey } from './keys.js';

let server: Server | undefined;
const open: ForeignClient[] = [];
let events: ServerEvent[] = [];

afterEach(async () => {
  for (const client of open.splice(0)) client.cut();
  await server?.close();
});

async function start(layout: Layout | 'auto'): Promise<string> {
  events = [];
  server = await serve({
    listen: listenWebSocket({ port: 0 }),
    serverKey,
    layout,
    hardening: 'prefer',
    onEvent: (event) => events.push(event),
    clients: new Map([['alice', { publicKey: aliceKey.publicKey }]]),
    onMessage: ({ sequence, payload }, tx) => tx.publish({ accepted: String(sequence), payload }),
    onRequest: ({ payload }) => ({ echo: payload }),
  });
  return server.urls[0] ?? '';
}

function dial(url: string, layout: Layout, lastSeenOrder = -1n, id = 'alice'): ForeignClient {
  const client = new ForeignClient({
    url,
    id,
    layout,
    lastSeenOrder,
    clientKey: foreign.alicePrivate,
    serverKey: foreign.serverPublic,
  });
  open.push(client);
  return client;
}

describe.each([
  ['documented', 'documented'],
  ['deployed', 'deployed'],
  ['documented', 'auto'],
  ['deployed', 'auto'],
] as const)('a client of the %s layout at a server with layout %s', (layout, serverLayout) => {
  it('logs in, sends, asks, receives, and reads on after a cut', async () => {
    const url = await start(serverLayout);
    const first = dial(url, layout);
    await first.until(() => first.heartbeats > 0);
    expect(first.lastSeenSequence).toBe(-1n);

    first.sendMessage(0n, '{"n":0}');
    first.sendMessage(1n, '{"n":1}');
    first.sendRequest(7n, '"ping"');
    await first.until(() => first.events.length === 3);
    const messages = first.events.filter(({ type }) => type === 1);
    expect(messages.map(({ json }) => json)).toEqual([
      '{"accepted":"0","payload":{"n":0}}',
      '{"accepted":"1","payload":{"n":1}}',
    ]);
    expect(messages.map(({ number }) => number)).toEqual([1n, 2n]);
    for (const { timestamp } of messages)
      expect(Math.abs((timestamp ?? 0) - Date.now() / 1000)).toBeLessThan(60);
    expect(first.events.find(({ type }) => type === 2)).toMatchObject({
      number: 7n,
      json: '{"echo":"ping"}',
    });
    first.cut();

    const second = dial(url, layout, 1n);
    await second.until(() => second.events.length === 1);
    expect(second.lastSeenSequence).toBe(1n);
    expect(second.events[0]).toMatchObject({ type: 1, number: 2n });
    // The challenges were bound; a client that knows nothing of it signs them as they are.
    const opened = events.filter(({ type }) => type === 'session-opened');
    expect(opened).toMatchObject([{ hardening: 'declined' }, { hardening: 'declined' }]);
    expect(events.filter(({ type }) => type === 'downgraded')).toEqual([]);
  });

  it('is told of a wrong SEQUENCE and closed with 4001', async () => {
    const url = await start(serverLayout);
    const client = dial(url, layout);
    await client.until(() => client.heartbeats > 0);
    client.sendMessage(1n, '{}');
    await client.until(() => client.closed !== undefined);
    expect(client.events.map(({ type }) => type)).toEqual([3]);
    expect(client.closed?.code).toBe(4001);
  });
});

describe('liveness', () => {
  it('beats every 2 s while other traffic flows, and never pings a client of the deployed layout', async () => {
    const url = await start('deployed');
    const client = dial(url, 'deployed');
    await client.until(() => client.heartbeats === 1);
    const started = performance.now();
    let sequence = 0n;
    const traffic = setInterval(() => client.sendMessage(sequence++, '{}'), 50);
    try {
      await client.until(() => client.heartbeats === 4);
    } finally {
      clearInterval(traffic);
    }
    // The exchange's own client leaves after 3 s without a heartbeat; three of them take about 6 s.
    expect(performance.now() - started).toBeLessThan(9_000);
    expect(client.pings).toBe(0);
    expect(client.events.length).toBeGreaterThan(20);
  });
});

describe('a stranger', () => {
  it('gets a welcome that it cannot read, and is refused with 1008 and an empty reason [S10]', async () => {
    const url = await start('documented');
    const stranger = dial(url, 'documented', -1n, 'mallory');
    await stranger.until(() => stranger.closed !== undefined);
    expect(stranger.closed).toEqual({ code: 1008, reason: '' });
  });
});
