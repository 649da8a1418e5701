import { once } from 'node:events';
import { WebSocket } from 'ws';
import { Arrivals } from '../lab/arrivals.js';
import { inLanes } from '../lab/lanes.js';
import type { Trade } from '../lab/payload.js';
import { answerCalls } from '../lab/process.js';
import { vitals } from '../lab/vitals.js';

const arrivals = new Arrivals();

const calls = {
  ...vitals,
  async open(url: string, count: number): Promise<void> {
    await inLanes(16, Array(count).keys(), async () => {
      const socket = new WebSocket(url, { perMessageDeflate: false });
      const receive = arrivals.receiver();
      socket.on('message', (data) => receive(JSON.parse(data.toString()) as Trade));
      socket.on('close', (code) => arrivals.fail(new Error(`the socket was closed with ${code}`)));
      await once(socket, 'open');
    });
  },
  arrival: (): Promise<number> => arrivals.next(),
};

export type WsClientsCalls = typeof calls;

answerCalls(calls);
