import { io } from 'socket.io-client';
import { Arrivals } from '../lab/arrivals.js';
import { answerCalls } from '../lab/process.js';
import { vitals } from '../lab/vitals.js';

const arrivals = new Arrivals();

const calls = {
  ...vitals,
  async open(url: string): Promise<void> {
    const socket = io(url, { transports: ['websocket'] });
    socket.on('trade', arrivals.receiver());
    socket.on('disconnect', (reason) => arrivals.fail(new Error(`the socket was closed: ${reason}`)));
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', reject);
    });
  },
  arrival: (): Promise<number> => arrivals.next(),
};

export type SocketIoClientsCalls = typeof calls;

answerCalls(calls);
