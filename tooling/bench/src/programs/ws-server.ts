import { createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { pemOf } from '../lab/keys.js';
import { answerCalls } from '../lab/process.js';
import { type Pushed, type Pusher, PushLoop, type PushPlan } from '../lab/push-plan.js';
import { verifySigned } from '../lab/rsa.js';
import { sleep } from '../lab/time.js';
import { vitals } from '../lab/vitals.js';

/** Bytes that wait in one socket; then sending waits. */
const mostBuffered = 512 * 1_024;

/** Of a key of 2,048 bits. */
const signatureBytes = 256;

const loop = new PushLoop();
const sockets: WebSocket[] = [];

async function urlOf(server: WebSocketServer): Promise<string> {
  await once(server, 'listening');
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

function isFull({ bufferedAmount }: WebSocket): boolean {
  return bufferedAmount > mostBuffered;
}

async function drained(): Promise<void> {
  while (sockets.some(({ bufferedAmount }) => bufferedAmount > mostBuffered / 2)) await sleep(1);
}

const calls = {
  ...vitals,
  async start(): Promise<string> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
    server.on('connection', (socket) => {
      sockets.push(socket);
      socket.on('message', (data, binary) => socket.send(data, { binary }));
      socket.on('close', () => sockets.splice(sockets.indexOf(socket), 1));
    });
    return await urlOf(server);
  },
  /** What comes is a message and its signature with the first client's key, which is verified; the message goes back. */
  async startVerifying(): Promise<string> {
    const key = createPublicKey(pemOf(1));
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
    server.on('connection', (socket) => {
      socket.on('message', (data: Buffer) => {
        const message = data.subarray(0, -signatureBytes);
        verifySigned(message, data.subarray(-signatureBytes), key);
        socket.send(JSON.stringify(JSON.parse(message.toString())));
      });
    });
    return await urlOf(server);
  },
  /** One `send` for each message, as a first program does it; nothing is encrypted, kept or numbered. */
  push(plan: PushPlan): Promise<Pushed> {
    const pusher: Pusher = {
      send(payload, client) {
        const json = JSON.stringify(payload);
        if (client === undefined) for (const socket of sockets) socket.send(json);
        else sockets[client]?.send(json);
      },
      room: () => (sockets.some(isFull) ? drained() : undefined),
    };
    return loop.run(plan, pusher);
  },
};

export type WsServerCalls = typeof calls;

answerCalls(calls);
