import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { answerCalls } from '../lab/process.js';
import { type Pushed, type Pusher, PushLoop, type PushPlan } from '../lab/push-plan.js';
import { sleep } from '../lab/time.js';
import { vitals } from '../lab/vitals.js';

/** Bytes that wait in one socket; then sending waits. */
const mostBuffered = 512 * 1_024;

const loop = new PushLoop();
const sockets: WebSocket[] = [];

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
    await once(server, 'listening');
    return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
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
