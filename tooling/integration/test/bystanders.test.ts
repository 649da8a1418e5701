import { type Client, connect } from '@sealwire/client';
import { type Server, type ServerEvent, serve } from '@sealwire/server';
import { dialWebSocket, listenWebSocket } from '@sealwire/transport-ws';
import refused from '@sealwire/vectors/refused.json' with { type: 'json' };
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ForeignClient } from './foreign/client.js';
import { aliceAndBob, bobKey, foreign, serverKey, serverPublicKey } from './keys.js';

let server: Server;
let bob: Client;
let url: string;
let events: ServerEvent[];
const states: string[] = [];

beforeAll(async () => {
  events = [];
  server = await serve({
    listen: listenWebSocket({ port: 0 }),
    serverKey,
    clients: aliceAndBob,
    onMessage: ({ payload }, tx) => tx.publish(payload),
    onRequest: ({ payload }) => payload,
    onEvent: (event) => events.push(event),
    // Each malformed peer is one more link from this address.
    limits: { maxHandshakesPerAddress: 100 },
  });
  url = server.urls[0] ?? '';
  bob = await connect({
    dial: dialWebSocket(url),
    clientId: 'bob',
    clientKey: bobKey,
    serverKey: serverPublicKey,
    onState: ({ kind }) => states.push(kind),
  });
});

afterAll(async () => {
  await bob.close();
  await server.close();
});

/** Sends what no client sends, and tells how the server ends it. */
function provoke(act: (socket: WebSocket) => void): Promise<{ code: number; reason: string }> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    socket.on('open', () => act(socket));
    socket.on('error', () => undefined);
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
}

describe('in the handshake', () => {
  it.each([
    ['an empty frame', Buffer.alloc(0)],
    ['one byte', Buffer.alloc(1)],
    ['a byte less than the modulus', Buffer.alloc(255)],
    ['a byte more than the modulus', Buffer.alloc(257)],
    ['zeros', Buffer.alloc(256)],
    ['an integer above the modulus', Buffer.alloc(256, 0xff)],
    ['random bytes', Buffer.from(Array.from({ length: 256 }, (_, index) => (index * 37 + 11) & 0x7f))],
  ])('%s is refused like anything else', async (_name, hello) => {
    expect(await provoke((socket) => socket.send(hello))).toEqual({ code: 1008, reason: '' });
  });

  it('a text message is refused like anything else', async () => {
    expect(await provoke((socket) => socket.send('hello'))).toEqual({ code: 1008, reason: '' });
  });

  it('a frame of a mebibyte is too big', async () => {
    expect((await provoke((socket) => socket.send(Buffer.alloc(1 << 20)))).code).toBe(1009);
  });
});

describe('in a live session', () => {
  it('frames of the vectors that must be refused end their session only', async () => {
    for (const { frame } of refused.filter(({ from }) => from === 'client')) {
      const alice = new ForeignClient({
        url,
        id: 'alice',
        layout: 'documented',
        lastSeenOrder: 0n,
        clientKey: foreign.alicePrivate,
        serverKey: foreign.serverPublic,
      });
      await alice.until(() => alice.heartbeats > 0);
      alice.sendRaw(Buffer.from(frame, 'hex'));
      await alice.until(() => alice.closed !== undefined);
      expect(alice.closed).toEqual({ code: 1002, reason: 'the frame cannot be accepted' });
      // One and the same answer, and no ERROR before it: no failure can be told from another.
      expect(alice.events).toEqual([]);
    }
  });

  it('JSON that cannot be read consumes its SEQUENCE', async () => {
    for (const json of ['', '{', '{"a":1', '{"__proto__":{}}', '\ufeff{}', 'NaN']) {
      const alice = new ForeignClient({
        url,
        id: 'alice',
        layout: 'documented',
        lastSeenOrder: 0n,
        clientKey: foreign.alicePrivate,
        serverKey: foreign.serverPublic,
      });
      await alice.until(() => alice.heartbeats > 0);
      const sequence = alice.lastSeenSequence + 1n;
      alice.sendMessage(sequence, json);
      await alice.until(() => alice.closed !== undefined);
      expect(alice.closed?.code).toBe(1007);
      expect(alice.events.map(({ type }) => type)).toEqual([3]);
      expect((await server.store.read('alice')).lastSequence).toBe(sequence);
    }
  });
});

it('nobody else has noticed any of it', async () => {
  expect(states).toEqual(['connecting', 'live']);
  expect(await bob.call('still here?')).toBe('still here?');
  const other = events.filter((event) => 'clientId' in event && event.clientId === 'bob');
  expect(other.map(({ type }) => type)).toEqual(['session-opened']);
  expect(events.filter(({ type }) => type === 'handler-failed' || type === 'store-failed')).toEqual([]);
});
