import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Refusal } from '../engine/probe.js';
import type { Target } from '../engine/target.js';
import { rule, ruleSameBytes } from '../engine/violation.js';
import { storeErrors } from '../support/errors.js';
import { internal } from '../support/internal.js';
import { Script, utf8 } from '../support/script.js';

interface ClientRow {
  readonly layout: string | undefined;
}
interface Records {
  encodeClient(row: ClientRow): Uint8Array;
  decodeClient(body: Buffer): ClientRow;
  encodeTotals(totals: object): Buffer;
  decodeTotals(body: Buffer): object;
}
const records = await internal<Records>('@sealwire/store-lmdb', 'records.js');
const { findStore } = await internal<{ findStore(path: string): { readonly file: string } | undefined }>(
  '@sealwire/store-lmdb',
  'directory.js',
);
const { RowBuffer } = await internal<{
  RowBuffer: new () => { put(key: Buffer, body: Uint8Array): number; memory: Uint8Array; length: number };
}>('@sealwire/store-lmdb', 'rows.js');

const fixed = 61;
const longestLayout = 64;
const totalsLength = 20;

/** Rows as they lie behind their checksum: all of them were written by the same code, or by a later version of it. */
export const lmdbRecords: Target = {
  name: 'store-lmdb-records',
  sources: ['packages/store-lmdb/dist/records.js'],
  share: 0.5,
  seeds: () => [
    new Uint8Array(totalsLength),
    new Uint8Array(fixed),
    Uint8Array.of(...new Uint8Array(60), 1, ...utf8('deployed')),
  ],
  run(input, probe) {
    const body = Buffer.from(input);
    // Bounded by the check of the caller: the row has a checksum and a length of its own.
    if (body.length >= totalsLength) {
      const totals = probe.call(body.length, undefined, () => records.decodeTotals(body));
      rule(!(totals instanceof Refusal), 'totals are read');
      // A NaN loses which of the many it was.
      if (!Number.isNaN(body.readDoubleLE(4))) {
        ruleSameBytes(
          records.encodeTotals(totals),
          body.subarray(0, totalsLength),
          'totals encode to the same bytes',
        );
      }
    }
    if (body.length < fixed || body.length > fixed + longestLayout) return;
    const row = probe.call(body.length, undefined, () => records.decodeClient(body));
    rule(!(row instanceof Refusal), 'a client is read');
    rule((row.layout !== undefined) === (body[60] === 1), 'a layout is there or not');
    const again = records.decodeClient(Buffer.from(records.encodeClient(row)));
    const same = Object.entries(row).every(([name, value]) => Object.is(Reflect.get(again, name), value));
    const replaced = row.layout !== undefined && Buffer.byteLength(row.layout) > longestLayout;
    rule(same || replaced, 'a client that is written is the one that was read');
  },
};

/** Rows on their way to the writer thread: any keys and bodies, packed one behind the other. */
export const lmdbRows: Target = {
  name: 'store-lmdb-rows',
  sources: ['packages/store-lmdb/dist/rows.js'],
  share: 0.2,
  seeds: () => [Uint8Array.of(2, 1, 9, 3, 1, 2, 3, 1, 8, 0)],
  run(input) {
    const steps = new Script(input);
    const buffer = new RowBuffer();
    for (let left = 40; left > 0 && !steps.done; left--) {
      const [key, body] = [Buffer.from(steps.bytes()), steps.bytes()];
      const row = buffer.put(key, body);
      rule(row + 12 + key.length + 4 + body.length === buffer.length, 'a row is as long as its parts');
      const at = row + 16 + key.length;
      ruleSameBytes(buffer.memory.subarray(at, at + body.length), body, 'a row holds its body');
    }
  },
};

let folder: string | undefined;

/** The folder of a store before LMDB maps it: marker and meta pages. */
export const lmdbFolder: Target = {
  name: 'store-lmdb-folder',
  sources: ['packages/store-lmdb/dist/meta-pages.js', 'packages/store-lmdb/dist/directory.js'],
  share: 0.05,
  seeds: () => [
    folderInput('{"kind":"sealwire-store-lmdb","version":1,"id":"x"}', metaPages(512, 512)),
    folderInput('{"kind":"sealwire-store-lmdb","version":2,"id":"x"}', metaPages(512, 512)),
    folderInput('null', metaPages(512, 1_024)),
    folderInput('{"kind":"sealwire-store-lmdb","version":1,"id":"x"}', metaPages(512, 512).subarray(0, 700)),
  ],
  dictionary: [
    Uint8Array.of(0xde, 0xc0, 0xef, 0xbe, 2, 0, 0, 0),
    utf8('"version":'),
    Uint8Array.of(0, 2, 0, 0),
  ],
  run(input, probe) {
    folder ??= temporaryFolder();
    const steps = new Script(input);
    writeFileSync(join(folder, 'store', 'sealwire.json'), steps.bytes());
    const data = steps.rest();
    writeFileSync(join(folder, 'store', 'data.mdb'), data);
    const path = folder;
    const found = probe.call(input.length, storeErrors, () => findStore(path));
    if (found instanceof Refusal) {
      rule(['E_CORRUPT', 'E_FORMAT'].includes(String(found.error.code)), 'a bad store is damaged or foreign');
    } else {
      rule(found !== undefined && data.length >= 2 * 160, 'what is found has its meta pages');
    }
  },
};

function temporaryFolder(): string {
  const made = mkdtempSync(join(tmpdir(), 'sealwire-fuzz-'));
  mkdirSync(join(made, 'store'));
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  return made;
}

function folderInput(marker: string, data: Uint8Array): Uint8Array {
  return Uint8Array.of(marker.length, ...utf8(marker), ...data);
}

/** Two meta pages and nothing more, by the layout of lmdb.h. */
function metaPages(first: number, second: number): Uint8Array {
  const data = Buffer.alloc(1_024);
  for (const [at, pageSize] of [
    [0, first],
    [512, second],
  ] as const) {
    data.writeUInt16LE(8, at + 18);
    data.writeUInt32LE(0xbeefc0de, at + 24);
    data.writeUInt32LE(2, at + 28);
    data.writeUInt32LE(pageSize, at + 48);
    data.writeBigUInt64LE(1n, at + 144);
    data.writeBigUInt64LE(BigInt(at), at + 152);
  }
  return data;
}
