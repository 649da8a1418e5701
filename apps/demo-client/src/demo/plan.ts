import type { Trigger } from './cutting-proxy.js';
import { pick } from './random.js';

/** A line for the client's input, and the cuts that become due just before it. */
export interface Step {
  readonly line: string;
  readonly cuts: readonly Trigger[];
}

const messages = 400;
const messagesPerEcho = 8;
const messagesPerEmit = 40;
const eventsPerEmit = 60;
const trafficCuts = 6;
const handshakeCuts = 2;
/** Bytes to the client that only the events of an Emit make. */
const burst = 2_000;
/** HTTP upgrade, hello and proof of a client with a key of 2048 bits; answer and welcome are shorter. */
const handshakeBytes = { 'to server': 700, 'to client': 380 } as const;

/** What the client is told to do, and where the link is cut: the same for the same numbers. */
export function makePlan(random: () => number): Step[] {
  const lines = trafficLines(random);
  const cuts = new Map<number, Trigger[]>();
  // The last part stays whole, so that every cut meets traffic.
  const span = Math.floor((lines.length * 0.85) / trafficCuts);
  for (let index = 0; index < trafficCuts; index += 1) {
    const at = index * span + pick(random, Math.floor(span / 3), span - 1);
    // Every other one waits for a burst of events.
    const triggers: Trigger[] = [trafficCut(random, index % 2 === 0 ? 1 : burst)];
    // Spread over the run: the connection that follows such a cut does not get through its handshake either.
    if (index % Math.floor(trafficCuts / handshakeCuts) === 1) triggers.push(handshakeCut(random));
    cuts.set(at, triggers);
  }
  return lines.map((line, index) => ({ line, cuts: cuts.get(index) ?? [] }));
}

function trafficLines(random: () => number): string[] {
  const lines: string[] = [];
  for (let n = 0; n < messages; n += 1) {
    const side = random() < 0.5 ? 'buy' : 'sell';
    lines.push(JSON.stringify({ '@type': 'Order', n, side, amount: String(pick(random, 1, 9_999)) }));
    if (n % messagesPerEcho === 3) lines.push(`rpc ${JSON.stringify({ '@type': 'Echo', n })}`);
    if (n % messagesPerEmit === 17) {
      const bytes = pick(random, 100, 400);
      lines.push(`rpc ${JSON.stringify({ '@type': 'Emit', count: eventsPerEmit, bytes })}`);
    }
  }
  return lines;
}

function trafficCut(random: () => number, least: number): Trigger {
  return { kind: 'traffic', reset: random() < 0.5, least, share: random() };
}

function handshakeCut(random: () => number): Trigger {
  const direction = random() < 0.5 ? 'to server' : 'to client';
  return {
    kind: 'handshake',
    reset: random() < 0.5,
    direction,
    bytes: pick(random, 1, handshakeBytes[direction]),
  };
}
