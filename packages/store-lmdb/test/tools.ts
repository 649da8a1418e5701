import { join } from 'node:path';
import type { ReadLimit, ServerStore } from '@sealwire/store';
import { open } from 'lmdb';
import { expect } from 'vitest';
import { lmdbOptions } from '../src/writer.js';

export const PLENTY: ReadLimit = { count: 100_000, bytes: 1 << 28 };

export const json = (text: string | number): Uint8Array => new TextEncoder().encode(String(text));

export const dataFile = (path: string): string => join(path, 'store', 'data.mdb');
export const markerFile = (path: string): string => join(path, 'store', 'sealwire.json');

/** Publishes texts, and returns their ORDERs once they are durable. */
export function publish(store: ServerStore, clientId: string, ...texts: readonly (string | number)[]) {
  return store.commit({ publishes: texts.map((text) => ({ clientId, json: json(text), timestamp: 0 })) })
    .flushed;
}

export async function textsOf(store: ServerStore, clientId: string, after = 0n): Promise<string[]> {
  const { entries } = await store.readLog(clientId, after, PLENTY);
  return entries.map((entry) => new TextDecoder().decode(entry.json));
}

export async function expectCode(outcome: unknown, code: string): Promise<string> {
  const error = await Promise.resolve(outcome).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ name: 'StoreError', code });
  return (error as Error).message;
}

/** Hands the rows of a closed store to `body`, as plain lmdb. */
export async function withRows(
  path: string,
  body: (rows: {
    all(kind: number): { key: Buffer; value: Buffer }[];
    put(key: Buffer, value: Buffer): void;
    remove(key: Buffer): void;
  }) => void,
): Promise<void> {
  const db = open<Buffer, Buffer>(dataFile(path), lmdbOptions(1 << 24));
  body({
    all: (kind) => [...db.getRange({ start: Buffer.of(kind), end: Buffer.of(kind + 1) })],
    put: (key, value) => void db.putSync(key, value),
    remove: (key) => void db.removeSync(key),
  });
  await db.close();
}
