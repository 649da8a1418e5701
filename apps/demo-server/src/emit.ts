import { setTimeout as sleep } from 'node:timers/promises';
import { RequestError } from '@sealwire/server';

/** What `{"@type":"Emit"}` asks for. */
export interface Emit {
  readonly count: number;
  /** About the bytes of JSON of each event. */
  readonly bytes: number;
}

export interface EmitPort {
  /** Resolves when the event is kept. */
  publish(event: object): Promise<unknown>;
  /** Events that are published and not yet on their way to the client. */
  behind(): number;
}

const maxCount = 1_000_000;
const minBytes = 16;
const maxBytes = 32_768;
/**
 * How much may wait for the client before the publisher waits for it. Else the log of a slow client would outgrow what
 * the store keeps, and the oldest events be gone before they are sent.
 */
const maxBehind = 8_192;
const maxBehindBytes = 16_777_216;
/** Events that are committed side by side. */
const maxChunk = 256;
const checkEvery = 5;
/** How long a client may take nothing before the rest is given up; a client that is away may come back. */
const patience = 60_000;

/** @throws RequestError that says which numbers are allowed */
export function readEmit(payload: { readonly [key: string]: unknown }): Emit {
  const { count, bytes } = payload;
  if (!isWhole(count, 0, maxCount)) {
    throw new RequestError('invalid-emit', `count is a whole number from 0 to ${maxCount}`);
  }
  if (!isWhole(bytes, minBytes, maxBytes)) {
    throw new RequestError('invalid-emit', `bytes is a whole number from ${minBytes} to ${maxBytes}`);
  }
  return { count, bytes };
}

/**
 * Publishes the events in order, not faster than the client takes them. Goes on when the link of the client is cut:
 * the log keeps them for its next session.
 */
export async function emit({ count, bytes }: Emit, port: EmitPort): Promise<void> {
  const window = Math.min(maxBehind, Math.floor(maxBehindBytes / bytes));
  const chunk = Math.min(maxChunk, window);
  for (let from = 0; from < count; from += chunk) {
    await untilTaken(window, port);
    const upTo = Math.min(count, from + chunk);
    await Promise.all(
      Array.from({ length: upTo - from }, (_, index) => port.publish(eventOf(from + index, bytes))),
    );
  }
}

async function untilTaken(window: number, port: EmitPort): Promise<void> {
  let behind = port.behind();
  let since = performance.now();
  while (behind > window) {
    await sleep(checkEvery);
    const now = port.behind();
    if (now < behind) since = performance.now();
    behind = now;
    if (performance.now() - since > patience) {
      throw new RequestError('too-slow', `nothing was taken for ${patience / 1000} s: the rest is not sent`);
    }
  }
}

function eventOf(number: number, bytes: number): object {
  const event = { '@type': 'Event', n: number, fill: '' };
  return { ...event, fill: 'x'.repeat(Math.max(0, bytes - JSON.stringify(event).length)) };
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && typeof value === 'number' && value >= least && value <= most;
}
