import { crc32 } from 'node:zlib';
import type { SavedClient } from '@sealwire/store';
import type { ImageChange } from '@sealwire/store/kit';
import { describe, expect, it } from 'vitest';
import { encodeJournalHeader } from '../src/journal-header.js';
import { readJournal } from '../src/read-journal.js';
import { encodeRecord } from '../src/record.js';
import { codeOf, fingerprint } from './history.js';

const SALT = 0x5a17_0001;

function change(nextIndex: bigint, sizes: readonly number[], rest: Partial<ImageChange> = {}): ImageChange {
  const first = nextIndex - BigInt(sizes.length);
  const appended = sizes.map((size, i) => ({
    index: first + BigInt(i),
    json: new Uint8Array(size).fill(0x7b),
  }));
  return {
    savedOrder: -1n,
    reservedOrder: -1n,
    sequenceOffset: undefined,
    firstIndex: 0n,
    nextIndex,
    appended,
    pin: undefined,
    ...rest,
  };
}

const HEADER = encodeJournalHeader(SALT);
const RECORDS = [
  change(0n, [], { pin: null }),
  change(2n, [5, 700], { sequenceOffset: -3n, pin: Uint8Array.of(1, 2) }),
  change(4n, [10, 0], { savedOrder: 7n, reservedOrder: 9n, firstIndex: 1n, sequenceOffset: -3n }),
  change(6n, [1_200, 30], { savedOrder: 8n, reservedOrder: 9n, firstIndex: 3n, sequenceOffset: -3n }),
].map((one, number) => encodeRecord(SALT, number, one));
const whole = Buffer.concat([HEADER, ...RECORDS]);
const last = RECORDS[3]?.length ?? 0;
const read = (bytes: Buffer) => readJournal(bytes, 'folder/journal');

function failure(bytes: Buffer): string {
  try {
    read(bytes);
    return 'none';
  } catch (error) {
    return codeOf(error);
  }
}

function changed(bytes: Buffer, at: number, content: Uint8Array): Buffer {
  const copy = Buffer.from(bytes);
  copy.set(content, at);
  return copy;
}

/** A last record whose size reached the disk, but not this content. */
const zeroed = (from: number, to: number) => changed(whole, from, new Uint8Array(to - from));

const indexes = ({ outbox }: SavedClient) => outbox.map(({ index }) => index);

it('gives the state after the last record', () => {
  const saved = read(whole);
  expect(indexes(saved)).toEqual([3n, 4n, 5n]);
  expect(saved.outbox.map(({ json }) => json.length)).toEqual([0, 1_200, 30]);
  expect(saved).toMatchObject({
    savedOrder: 8n,
    reservedOrder: 9n,
    nextIndex: 6n,
    sequenceOffset: -3n,
    pin: Uint8Array.of(1, 2),
  });
});

it('has these bytes', () => {
  expect(HEADER.toString('hex')).toBe(`7365616c77697265000000015a170001${'00'.repeat(492)}0a0bdede`);
  const small = encodeRecord(
    SALT,
    7,
    change(258n, [2], { savedOrder: 5n, reservedOrder: 6n, firstIndex: 257n }),
  );
  expect(small.toString('hex', 0, 8)).toBe('00000007000001f0');
  expect(small.toString('hex', 16)).toBe(
    '0000000000000005000000000000000600000000000001010000000000000102' + // orders and indexes
      '0000000000000000' +
      '00' + // no offset
      '00' + // pin as before
      '00000000' +
      '00000001000000027b7b' +
      'ff'.repeat(440),
  );
});

describe('a record that a crash cut short', () => {
  const before = fingerprint(read(whole.subarray(0, -last)));

  it('is left out, wherever the file ends within it', () => {
    for (let length = whole.length - last; length < whole.length; length++) {
      if (fingerprint(read(whole.subarray(0, length))) !== before) expect(length).toBe('left out');
    }
  });

  it('is left out with any of its sectors zero', () => {
    for (let at = whole.length - last; at < whole.length; at += 512) {
      expect(fingerprint(read(zeroed(at, at + 512))), `sector at ${at}`).toEqual(before);
      expect(fingerprint(read(zeroed(at, whole.length))), `from ${at} on`).toEqual(before);
    }
  });

  it('may be the first after the one that the journal began with', () => {
    const begun = Buffer.concat([HEADER, ...RECORDS.slice(0, 2)]);
    expect(read(begun.subarray(0, -1)).nextIndex).toBe(0n);
  });
});

describe('damage', () => {
  it('of any bit is found', () => {
    for (let at = 0; at < whole.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        whole.writeUInt8(whole.readUInt8(at) ^ (1 << bit), at);
        const code = failure(whole);
        whole.writeUInt8(whole.readUInt8(at) ^ (1 << bit), at);
        if (code !== (at < 8 ? 'E_FORMAT' : 'E_CORRUPT')) expect(`${code} at ${at}.${bit}`).toBe('found');
      }
    }
  });

  it('is named with the path and the offset of its record', () => {
    const second = 512 + (RECORDS[0]?.length ?? 0);
    expect(() => read(changed(whole, second + 100, Uint8Array.of(1)))).toThrow(
      `folder/journal: damaged at byte ${second}`,
    );
  });

  it('is not taken for a crash where a flushed record follows', () => {
    for (let at = 512; at < whole.length - last; at += 512) {
      expect(failure(zeroed(at, at + 512)), `sector at ${at}`).toBe('E_CORRUPT');
    }
    expect(failure(zeroed(512, whole.length - last))).toBe('E_CORRUPT');
  });

  it('is what a record twice, left out, exchanged or of another file is', () => {
    const [a, b, c, d] = RECORDS as [Buffer, Buffer, Buffer, Buffer];
    const of = (...records: Buffer[]) => failure(Buffer.concat([HEADER, ...records]));
    expect(of(a, b, c, d)).toBe('none');
    expect(of(a, b, b, c, d)).toBe('E_CORRUPT');
    expect(of(a, c, d)).toBe('E_CORRUPT');
    expect(of(a, c, b, d)).toBe('E_CORRUPT');
    expect(of(a, b, encodeRecord(SALT + 1, 2, change(2n, [])))).toBe('E_CORRUPT');
  });

  it('is what a record is whose indexes do not go on', () => {
    const of = (one: ImageChange) => failure(Buffer.concat([whole, encodeRecord(SALT, 4, one)]));
    expect(of(change(7n, [1], { firstIndex: 3n }))).toBe('none');
    expect(of(change(9n, [1], { firstIndex: 8n })), 'trimmed before it was written').toBe('none');
    expect(of(change(9n, [1], { firstIndex: 3n })), 'a hole').toBe('E_CORRUPT');
    expect(of(change(7n, [1], { firstIndex: 1n })), 'trimmed ones come back').toBe('E_CORRUPT');
    expect(of(change(5n, [], { firstIndex: 3n })), 'back').toBe('E_CORRUPT');
  });

  it('is what a body is that matches its checksum and has lengths beyond its end', () => {
    const record = encodeRecord(SALT, 0, change(1n, [3]));
    for (const at of [42, 46, 50]) {
      const body = Buffer.from(record.subarray(16));
      body.writeUInt32BE(0xffff_ffff, at);
      expect(failure(Buffer.concat([HEADER, resealed(body)])), `length at ${at}`).toBe('E_CORRUPT');
    }
  });
});

describe('a file that is no whole journal', () => {
  it('is refused as foreign, of a newer version, or cut', () => {
    expect(failure(Buffer.alloc(0))).toBe('E_FORMAT');
    expect(failure(Buffer.from('SQLite format 3\0'.padEnd(4_096)))).toBe('E_FORMAT');
    expect(failure(HEADER.subarray(0, 100))).toBe('E_CORRUPT');
    expect(failure(HEADER)).toBe('E_CORRUPT');
    for (let length = 512; length < 512 + (RECORDS[0]?.length ?? 0); length++) {
      expect(failure(whole.subarray(0, length)), `${length} bytes`).toBe('E_CORRUPT');
    }
    const newer = Buffer.from(HEADER);
    newer.writeUInt32BE(2, 8);
    newer.writeUInt32BE(crc32(newer.subarray(0, 508)), 508);
    expect(failure(Buffer.concat([newer, ...RECORDS]))).toBe('E_FORMAT');
  });
});

function resealed(body: Buffer): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt32BE(body.length, 4);
  header.writeUInt32BE(crc32(body, SALT), 8);
  header.writeUInt32BE(crc32(header.subarray(0, 12), SALT), 12);
  return Buffer.concat([header, body]);
}
