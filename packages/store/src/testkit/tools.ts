import type { Commit, LogEntry, Publish, Refusal, ServerStore } from '../server-store.js';
import { ok } from './assert.js';

/** Any test runner: vitest, jest, mocha, node:test. */
export interface Runner {
  describe(name: string, body: () => void): unknown;
  it(name: string, body: () => Promise<void>): unknown;
}

export type Open<T> = () => T | Promise<T>;

/** `it` for a test that gets a fresh store, closed whatever happens. */
export type StoreIt<T> = (name: string, body: (store: T) => Promise<void>) => void;

export function withStore<T extends { close(): Promise<void> }>(runner: Runner, open: Open<T>): StoreIt<T> {
  return (name, body) =>
    void runner.it(name, async () => {
      const store = await open();
      try {
        await body(store);
      } finally {
        await store.close();
      }
    });
}

export const PLENTY = { count: 1000, bytes: 1 << 24 } as const;

/** Names that are easy to take for something else, or for one another. */
export const AWKWARD_NAMES = [
  '',
  ' ',
  '\0',
  'a',
  'A',
  'a\0',
  'a/b',
  '../a',
  '__proto__',
  'constructor',
  '\u00e4',
  'a\u0308',
  '\u{1f600}',
  '\uffff',
  'x'.repeat(256),
  '\u20ac'.repeat(85),
] as const;

/** The four bytes of a number: a message that names itself. */
export function bytesOf(n: number): Uint8Array {
  return Uint8Array.of(n >>> 24, n >>> 16, n >>> 8, n);
}

export function numberOf(json: Uint8Array): number {
  return json.reduce((n, byte) => n * 256 + byte, 0);
}

export function publish(clientId: string, n: number): Publish {
  return { clientId, json: bytesOf(n), timestamp: n };
}

/** Commits, and returns the ORDERs once they are durable. */
export function done(store: ServerStore, commit: Commit): Promise<readonly bigint[]> {
  return store.commit(commit).flushed;
}

/** Consumes the next `count` SEQUENCEs of a client from `from` on. */
export async function consume(
  store: ServerStore,
  clientId: string,
  from: bigint,
  count: number,
): Promise<void> {
  const { epoch } = await store.claim(clientId, 'any');
  const session = { clientId, epoch };
  const receipts = [];
  for (let i = 0; i < count; i++)
    receipts.push(store.commit({ session, sequence: from + BigInt(i) }).flushed);
  await Promise.all(receipts);
}

/** The whole log, read in chunks. */
export async function readAll(store: ServerStore, clientId: string, count = 1000): Promise<LogEntry[]> {
  const all: LogEntry[] = [];
  for (let cursor = 0n; ; ) {
    const { entries } = await store.readLog(clientId, cursor, { count, bytes: 1 << 24 });
    const last = entries.at(-1);
    if (last === undefined) return all;
    // A store that gives the cursor's own entry again must fail here, not be read for ever.
    ok(last.order > cursor, `entries after ${cursor} have a larger ORDER`);
    all.push(...entries);
    cursor = last.order;
  }
}

export async function numbersIn(store: ServerStore, clientId: string): Promise<number[]> {
  return (await readAll(store, clientId)).map((entry) => numberOf(entry.json));
}

export async function refusalsOf(
  store: ServerStore,
  clientId: string,
  after = -1n,
): Promise<readonly Refusal[]> {
  return (await store.refusals(clientId, after)).refusals;
}

/** Random numbers that are the same in every run (a linear congruential generator modulo 2^32). */
export function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

export function range(count: number, from = 0): number[] {
  return Array.from({ length: count }, (_, i) => from + i);
}
