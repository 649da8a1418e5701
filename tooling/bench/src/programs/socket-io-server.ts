import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, type Socket } from 'socket.io';
import { answerCalls } from '../lab/process.js';
import { type Pushed, type Pusher, PushLoop, type PushPlan } from '../lab/push-plan.js';
import { vitals } from '../lab/vitals.js';

/** Packets that wait in the socket; then sending waits. */
const mostWaiting = 4_096;

const loop = new PushLoop();
let connected: Socket | undefined;
let waiting = 0;

const calls = {
  ...vitals,
  async start(): Promise<string> {
    const http = createServer();
    new Server(http, { transports: ['websocket'], perMessageDeflate: false }).on('connection', (socket) => {
      connected = socket;
      socket.conn.on('packetCreate', () => (waiting += 1));
      socket.conn.on('flush', (packets: readonly unknown[]) => (waiting -= packets.length));
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    return `http://127.0.0.1:${(http.address() as AddressInfo).port}/`;
  },
  push(plan: PushPlan): Promise<Pushed> {
    if (connected === undefined) throw new Error('nobody is connected');
    const socket = connected;
    const pusher: Pusher = {
      send: (payload) => void socket.emit('trade', payload),
      room: () => (waiting > mostWaiting ? once(socket.conn, 'flush').then(() => {}) : undefined),
    };
    return loop.run(plan, pusher);
  },
};

export type SocketIoServerCalls = typeof calls;

answerCalls(calls);
