import type { Random } from '@sealwire/testing';
import type { PlannedCut } from './cuts.js';

/** A line for the client's input, and the cuts that become due just before it. */
export interface Step {
  readonly line: string;
  readonly cuts: readonly PlannedCut[];
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
const handshakeBytes = { toServer: 700, toClient: 380 } as const;

/** What the client is told to do, and where the link is cut: the same for the same numbers. */
export function makePlan(random: Random): Step[] {
  const lines = trafficLines(random);
  const cuts = new Map<number, PlannedCut[]>();
  // The last part stays whole, so that every cut meets traffic.
  const span = Math.floor((lines.length * 0.85) / trafficCuts);
  for (let index = 0; index < trafficCuts; index += 1) {
    const at = index * span + random.between(Math.floor(span / 3), span - 1);
    // Every other one waits for a burst of events.
    const triggers: PlannedCut[] = [trafficCut(random, index % 2 === 0 ? 1 : burst)];
    // Spread over the run: the connection that follows such a cut does not get through its handshake either.
    if (index % Math.floor(trafficCuts / handshakeCuts) === 1) triggers.push(handshakeCut(random));
    cuts.set(at, triggers);
  }
  return lines.map((line, index) => ({ line, cuts: cuts.get(index) ?? [] }));
}

function trafficLines(random: Random): string[] {
  const lines: string[] = [];
  for (let n = 0; n < messages; n += 1) {
    const side = random.chance(0.5) ? 'buy' : 'sell';
    lines.push(JSON.stringify({ '@type': 'Order', n, side, amount: String(random.between(1, 9_999)) }));
    if (n % messagesPerEcho === 3) lines.push(`rpc ${JSON.stringify({ '@type': 'Echo', n })}`);
    if (n % messagesPerEmit === 17) {
      const bytes = random.between(100, 400);
      lines.push(`rpc ${JSON.stringify({ '@type': 'Emit', count: eventsPerEmit, bytes })}`);
    }
  }
  return lines;
}

function trafficCut(random: Random, least: number): PlannedCut {
  return { kind: 'traffic', reset: random.chance(0.5), least, share: random.next() };
}

function handshakeCut(random: Random): PlannedCut {
  const way = random.chance(0.5) ? 'toServer' : 'toClient';
  return { kind: 'handshake', reset: random.chance(0.5), way, bytes: random.between(1, handshakeBytes[way]) };
}
