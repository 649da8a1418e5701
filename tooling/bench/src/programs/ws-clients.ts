import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { Arrivals } from '../lab/arrivals.js';
import { pemOf } from '../lab/keys.js';
import { inLanes } from '../lab/lanes.js';
import { type Trade, trade } from '../lab/payload.js';
import { answerCalls } from '../lab/process.js';
import { signed } from '../lab/rsa.js';
import { now } from '../lab/time.js';
import { vitals } from '../lab/vitals.js';

const arrivals = new Arrivals();

async function connected(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, 'open');
  return socket;
}

async function roundTrips(
  url: string,
  finish: (message: string) => string | Promise<Uint8Array>,
  ms: number,
  least: number,
): Promise<number> {
  const socket = await connected(url);
  let answered = (_: Trade): void => {};
  socket.on('message', (data) => answered(JSON.parse(data.toString()) as Trade));
  const began = now();
  let count = 0;
  for (; now() < began + ms || count < least; count++) {
    socket.send(await finish(JSON.stringify(trade(count))));
    await new Promise<Trade>((resolve) => {
      answered = resolve;
    });
  }
  socket.close();
  return (1_000 * (now() - began)) / count;
}

const calls = {
  ...vitals,
  async open(url: string, count: number): Promise<void> {
    await inLanes(16, Array(count).keys(), async () => {
      const receive = arrivals.receiver();
      const socket = await connected(url);
      socket.on('message', (data) => receive(JSON.parse(data.toString()) as Trade));
      socket.on('close', (code) => arrivals.fail(new Error(`the socket was closed with ${code}`)));
    });
  },
  arrival: (): Promise<number> => arrivals.next(),
  /** One after the other, `least` even if they take longer; microseconds that each takes. */
  roundTrips(url: string, ms: number, least = 0): Promise<number> {
    return roundTrips(url, (message) => message, ms, least);
  },
  /** The same, each message signed first with the first client's key, on a thread of the pool. */
  signedRoundTrips(url: string, ms: number, least = 0): Promise<number> {
    const key = createPrivateKey(pemOf(1));
    const sign = async (message: string) => {
      const data = Buffer.from(message);
      return Buffer.concat([data, await signed(data, key)]);
    };
    return roundTrips(url, sign, ms, least);
  },
  /**
   * Connects and closes, so many at once, `least` times even if it takes longer; how many times. In between the server
   * answers so many messages of the size of a hello, one at a time.
   */
  async upgrades(url: string, atOnce: number, messages: number, ms: number, least = 0): Promise<number> {
    const until = now() + ms;
    const hello = new Uint8Array(256);
    let count = 0;
    await inLanes(atOnce, Array(atOnce).keys(), async () => {
      for (; now() < until || count < least; count++) {
        const socket = await connected(url);
        for (let n = 0; n < messages; n++) {
          socket.send(hello);
          await once(socket, 'message');
        }
        socket.close();
        await once(socket, 'close');
      }
    });
    return count;
  },
};

export type WsClientsCalls = typeof calls;

answerCalls(calls);
