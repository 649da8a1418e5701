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
interface Entry {
  readonly order: bigint;
  readonly timestamp: number;
  readonly json: Uint8Array;
}
interface Rows {
  put(key: Buffer, body: Uint8Array): number;
  log(client: number, seed: number, order: bigint, at: number, timestamp: number, json: Uint8Array): number;
  sizes(row: number): number[];
  copy(rows: readonly number[]): { readonly count: number; entry(index: number, order: bigint): Entry };
  readonly memory: Uint8Array;
  readonly length: number;
}
const { RowBuffer } = await internal<{ RowBuffer: new () => Rows }>('@sealwire/store-lmdb', 'rows.js');
const { messagesIn, endOfMessage } = await internal<{
  messagesIn(view: DataView, value: number, end: number): number[];
  endOfMessage(view: DataView, message: number): number;
}>('@sealwire/store-lmdb', 'log-row.js');

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

/** Rows on their way to the writer thread: any keys, bodies and messages, packed one behind the other. */
export const lmdbRows: Target = {
  name: 'store-lmdb-rows',
  sources: ['packages/store-lmdb/dist/rows.js', 'packages/store-lmdb/dist/log-row.js'],
  share: 0.2,
  seeds: () => [
    Uint8Array.of(2, 1, 9, 3, 1, 2, 3, 1, 8, 0),
    Uint8Array.of(1, 2, 7, 7, 1, 3, 1, 2, 3, 1, 0, 0, 1, 5, 2, 9, 1, 1, 1, 8, 1, 1, 6),
    Uint8Array.of(...Array.from({ length: 6 }, () => [1, 250, ...new Uint8Array(250)]).flat()),
    // What is left is read as a row.
    Uint8Array.of(...new Uint8Array(12 * 40), ...new Uint8Array(12), 2, ...new Uint8Array(11), 1, 2),
  ],
  run(input) {
    const steps = new Script(input);
    const buffer = new RowBuffer();
    const rows = new Set<number>();
    const messages: Uint8Array[] = [];
    for (let left = 40; left > 0 && !steps.done; left--) {
      if (steps.flag()) {
        const json = steps.bytes();
        messages.push(json);
        rows.add(buffer.log(7, 0, BigInt(messages.length), 0, messages.length / 2, json));
        continue;
      }
      const [key, body] = [Buffer.from(steps.bytes()), steps.bytes()];
      const row = buffer.put(key, body);
      rule(row + 12 + key.length + 4 + body.length === buffer.length, 'a row is as long as its parts');
      const at = row + 16 + key.length;
      ruleSameBytes(buffer.memory.subarray(at, at + body.length), body, 'a row holds its body');
    }
    const sizes = [...rows].flatMap((row) => buffer.sizes(row));
    rule(sizes.join() === messages.map(({ length }) => length).join(), 'rows hold all messages in order');
    const copy = buffer.copy([...rows]);
    rule(copy.count === messages.length, 'a copy holds all messages');
    for (const [index, json] of messages.entries()) {
      const entry = copy.entry(index, BigInt(index + 1));
      rule(entry.timestamp === (index + 1) / 2, 'a message keeps its timestamp');
      ruleSameBytes(entry.json, json, 'a message is in its row');
    }
    ruleWhole(steps.rest());
  },
};

/** Any bytes as a row of the log. */
function ruleWhole(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const starts = messagesIn(view, 0, bytes.length);
  let end = 12;
  for (const start of starts) {
    rule(start === end, 'a message begins where the one before ends');
    end = endOfMessage(view, start);
  }
  rule(starts.length === 0 || end === bytes.length, 'messages fill their row');
}

let folder: string | undefined;

/** The folder of a store before LMDB maps it: marker and meta pages. */
export const lmdbFolder: Target = {
  name: 'store-lmdb-folder',
  sources: ['packages/store-lmdb/dist/meta-pages.js', 'packages/store-lmdb/dist/directory.js'],
  share: 0.05,
  seeds: () => [
    folderInput('{"kind":"sealwire-store-lmdb","version":1,"id":"x"}', metaPages(512, 512)),
    folderInput('{"kind":"sealwire-store-lmdb","version":3,"id":"x"}', metaPages(512, 512)),
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
