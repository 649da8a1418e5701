import { isDeepStrictEqual } from 'node:util';
import type { ClientRecord } from '../journal.js';
import type { ServerRecord } from './server-record.js';

/** A message at one place of its way: its number there, and what it says. */
export interface Item {
  readonly number: bigint;
  readonly payload: unknown;
}

/** How what arrived differs from what was given. */
export interface Difference {
  /** Given, and never arrived. */
  readonly lost: number;
  /** Arrived again. */
  readonly doubled: number;
  /** Arrived after something that was given later. */
  readonly reordered: number;
  /** Arrived, and was never given: another number or another content. */
  readonly foreign: number;
}

export function compare(given: readonly Item[], arrived: readonly Item[]): Difference {
  const places = new Map(given.map((item, index) => [identity(item), index]));
  const seen = new Set<string>();
  let [doubled, reordered, foreign, furthest] = [0, 0, 0, -1];
  for (const item of arrived) {
    const name = identity(item);
    const place = places.get(name);
    if (place === undefined) foreign += 1;
    else if (seen.has(name)) doubled += 1;
    else if (place < furthest) reordered += 1;
    furthest = Math.max(furthest, place ?? -1);
    if (place !== undefined) seen.add(name);
  }
  return { lost: places.size - seen.size, doubled, reordered, foreign };
}

function identity({ number, payload }: Item): string {
  return `${number} ${JSON.stringify(payload)}`;
}

export interface Row {
  readonly name: string;
  readonly sent?: number;
  readonly accepted?: number;
  readonly published?: number;
  readonly received?: number;
  readonly difference: Difference;
}

export interface Ledger {
  readonly rows: readonly Row[];
  /** Messages whose sender was not told that they are accepted. */
  readonly untold: number;
  /** Calls that a cut left open; each was rejected with words that say so. */
  readonly cutOff: number;
  /** Calls that failed for another reason, or were answered with something else than was asked. */
  readonly failed: number;
  /** Nothing is lost, doubled, reordered, foreign, untold or failed. */
  readonly clean: boolean;
}

/** Holds the journals of both sides against each other. */
export function makeLedger(client: readonly ClientRecord[], server: readonly ServerRecord[]): Ledger {
  const sent = itemsOf(client, 'sent');
  const accepted = acceptedItems(server);
  const published = itemsOf(server, 'published');
  const received = itemsOf(client, 'received');
  const back = received.flatMap(answeredItem);
  const calls = callsOf(client);
  const rows: Row[] = [
    {
      name: 'messages, client to server',
      sent: sent.length,
      accepted: accepted.length,
      difference: compare(sent, accepted),
    },
    {
      name: 'events, server to client',
      published: published.length,
      received: received.length,
      difference: compare(published, received),
    },
    {
      name: 'messages there, their events back',
      sent: sent.length,
      accepted: accepted.length,
      published: published.flatMap(answeredItem).length,
      received: back.length,
      difference: compare(sent, back),
    },
    {
      name: 'calls, there and back',
      sent: calls.made.length,
      received: calls.answered,
      difference: compare(calls.made, calls.settled),
    },
  ];
  const told = client.filter((record) => record.kind === 'outcome' && record.outcome === 'accepted').length;
  const untold = sent.length - told;
  const { cutOff, failed } = calls;
  const clean =
    untold === 0 &&
    failed === 0 &&
    rows.every(({ difference }) => Object.values(difference).every((count) => count === 0));
  return { rows, untold, cutOff, failed, clean };
}

function itemsOf(records: readonly (ClientRecord | ServerRecord)[], kind: 'sent' | 'published' | 'received') {
  return records.flatMap((record): Item[] => {
    if (record.kind !== kind) return [];
    const number = record.kind === 'sent' ? record.sequence : record.order;
    return [{ number: BigInt(number), payload: record.payload }];
  });
}

/** A handler may run in vain when a session ends under it, so only what was accepted counts. */
function acceptedItems(records: readonly ServerRecord[]): Item[] {
  const handled = new Map<string, unknown>();
  return records.flatMap((record) => {
    if (record.kind === 'handled') handled.set(record.sequence, record.payload);
    if (record.kind !== 'accepted') return [];
    return [{ number: BigInt(record.sequence), payload: handled.get(record.sequence) }];
  });
}

/** The message that an Accepted event answers. */
function answeredItem({ payload }: Item): Item[] {
  if (typeof payload !== 'object' || payload === null || !('@type' in payload)) return [];
  if (payload['@type'] !== 'Accepted' || !('sequence' in payload) || !('message' in payload)) return [];
  return [{ number: BigInt(String(payload.sequence)), payload: payload.message }];
}

function callsOf(records: readonly ClientRecord[]) {
  const made: Item[] = [];
  const settled: Item[] = [];
  const asked = new Map<number, unknown>();
  let [answered, cutOff, failed] = [0, 0, 0];
  for (const record of records) {
    if (record.kind === 'called') {
      asked.set(record.call, record.payload);
      made.push({ number: BigInt(record.call), payload: '' });
    } else if (record.kind === 'answered' || record.kind === 'failed') {
      settled.push({ number: BigInt(record.call), payload: '' });
      if (record.kind === 'failed' && record.code === 'E_CALL_UNKNOWN') cutOff += 1;
      else if (record.kind === 'answered') answered += 1;
      const right = record.kind === 'answered' && isAnswer(asked.get(record.call), record.payload);
      if (!right && !(record.kind === 'failed' && record.code === 'E_CALL_UNKNOWN')) failed += 1;
    }
  }
  return { made, settled, answered, cutOff, failed };
}

function isAnswer(question: unknown, answer: unknown): boolean {
  if (typeof question !== 'object' || question === null || !('@type' in question)) return false;
  if (question['@type'] !== 'Emit' || !('count' in question)) return isDeepStrictEqual(question, answer);
  return isDeepStrictEqual(answer, { '@type': 'Emitted', count: question.count });
}
