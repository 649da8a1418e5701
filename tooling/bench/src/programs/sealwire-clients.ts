import { type Client, type ConnectionState, connect } from '@sealwire/client';
import type { HardeningMode } from '@sealwire/session';
import type { Dialer, Link } from '@sealwire/transport';
import { dialWebSocket } from '@sealwire/transport-ws';
import { Arrivals } from '../lab/arrivals.js';
import { clientIds, clientKey, serverKey } from '../lab/keys.js';
import { inLanes } from '../lab/lanes.js';
import { patience } from '../lab/patience.js';
import { type Trade, trade } from '../lab/payload.js';
import { answerCalls } from '../lab/process.js';
import { tappedDialer, untapped } from '../lab/tapped.js';
import { now } from '../lab/time.js';
import { vitals } from '../lab/vitals.js';

export interface SealwireClientsPlan {
  readonly url: string;
  readonly ids: readonly string[];
  readonly keys: number;
  readonly hardening: HardeningMode;
  /** Default true. */
  readonly checkpoint?: boolean;
}

const arrivals = new Arrivals();
const clients: Client<Trade, Trade>[] = [];
/** What is made beforehand and not sent yet. */
let held: { readonly link: Link; readonly frames: readonly Uint8Array[] }[] | undefined;
let sent = 0;

function watch(state: ConnectionState, hardening: HardeningMode): void {
  if (state.kind === 'stopped') arrivals.fail(state.error);
  else if (state.kind === 'waiting') arrivals.fail(state.cause);
  else if (state.kind === 'live' && (state.hardening === 'hardened') !== (hardening !== 'off'))
    arrivals.fail(new Error(`the session is ${state.hardening}, although hardening is ${hardening}`));
}

function dialer(url: string): Dialer {
  return tappedDialer(dialWebSocket(url), untapped, (frames, link) => {
    if (held === undefined) link.send(frames);
    else held.push({ link, frames });
  });
}

async function keysOf(clientId: string, keys: number) {
  return { clientKey: await clientKey(clientId, keys), serverKey: (await serverKey()).publicKey };
}

const calls = {
  ...vitals,
  /** Resolves when all are live. */
  async open({ url, ids, keys, hardening, checkpoint = true }: SealwireClientsPlan): Promise<void> {
    const dial = dialer(url);
    await inLanes(16, ids, async (clientId) => {
      const receive = arrivals.receiver();
      const client = await connect<Trade, Trade>({
        ...(await keysOf(clientId, keys)),
        dial,
        clientId,
        checkpoint,
        hardening,
        deadlines: { silence: patience },
        onMessage: ({ payload }) => receive(payload),
        onState: (state) => watch(state, hardening),
      });
      clients.push(client);
    });
  },
  /** When the last message of the next push came. */
  arrival: (): Promise<number> => arrivals.next(),
  /** The first client sends as fast as it can; what the server accepted. */
  async send(ms: number): Promise<{ readonly count: number; readonly rate: number }> {
    const [client] = clients;
    if (client === undefined) throw new Error('nobody is connected');
    const began = now();
    const outcomes: Promise<{ readonly kind: string }>[] = [];
    // Each waits until its message is handed over; those of all lanes are signed side by side.
    await inLanes(256, Array(256).keys(), async () => {
      while (now() < began + ms) outcomes.push((await client.send(trade(sent++))).outcome);
    });
    const refused = (await Promise.all(outcomes)).filter(({ kind }) => kind !== 'accepted').length;
    if (refused > 0) throw new Error(`${refused} messages were not accepted`);
    return { count: outcomes.length, rate: (1_000 * outcomes.length) / (now() - began) };
  },
  /** Each client signs and seals so many messages, which are kept back. */
  async prepare(count: number): Promise<void> {
    held = [];
    await Promise.all(
      clients.map((client) =>
        inLanes(64, Array(count).keys(), async (n) => void (await client.send(trade(n)))),
      ),
    );
  },
  /** Sends all that was kept back. */
  release(): void {
    const all = held ?? [];
    held = undefined;
    for (const { link, frames } of all) link.send(frames);
  },
  /** One after the other, `least` even if they take longer; microseconds that each takes. */
  async roundTrips(ms: number, least = 0): Promise<number> {
    const [client] = clients;
    if (client === undefined) throw new Error('nobody is connected');
    const began = now();
    let count = 0;
    for (; now() < began + ms || count < least; count++) await client.call(trade(count));
    return (1_000 * (now() - began)) / count;
  },
  /** Connects and closes, so many at once, `least` times even if it takes longer; how many times. */
  async handshakes(url: string, keys: number, atOnce: number, ms: number, least = 0): Promise<number> {
    const dial = dialWebSocket(url);
    const until = now() + ms;
    let count = 0;
    await inLanes(atOnce, clientIds(0, atOnce), async (clientId) => {
      const own = await keysOf(clientId, keys);
      for (; now() < until || count < least; count++) {
        const client = await connect({ ...own, dial, clientId, checkpoint: true, hardening: 'off' });
        await client.close();
      }
    });
    return count;
  },
};

export type SealwireClientsCalls = typeof calls;

answerCalls(calls);
