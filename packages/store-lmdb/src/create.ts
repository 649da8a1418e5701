import { rmSync, writeFileSync } from 'node:fs';
import { open } from 'lmdb';
import { checksum } from './checksum.js';
import type { Marker } from './directory.js';
import { metaKey } from './keys.js';
import { ensureLockFile } from './room.js';
import { lmdbOptions } from './writer.js';

/** Small: what is made here has one row. */
const MAP_SIZE = 1_048_576;

/** Makes a data file with nothing but the row that says what it is. */
export async function createDataFile(file: string, marker: Marker): Promise<void> {
  // Fails before LMDB would, where the disk has no room.
  const probe = `${file}-probe`;
  writeFileSync(probe, new Uint8Array(MAP_SIZE));
  rmSync(probe);
  ensureLockFile(file);
  const db = open<Buffer, Buffer>(file, lmdbOptions(MAP_SIZE));
  const key = metaKey('format');
  const body = Buffer.from(formatOf(marker));
  const value = Buffer.alloc(4 + body.byteLength);
  value.set(body, 4);
  value.writeUInt32LE(checksum(body, checksum(key)));
  db.putSync(key, value);
  await db.close();
}

export function formatOf({ kind, version, id }: Marker): string {
  return JSON.stringify({ kind, version, id });
}
