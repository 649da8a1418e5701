import { crc32 } from 'node:zlib';
import type { SavedClient } from '@sealwire/store';
import { ClientImage, EMPTY_CLIENT, type ImageChange } from '@sealwire/store/kit';
import { type Probe, Refusal } from '../engine/probe.js';
import type { Target } from '../engine/target.js';
import { rule, sameBytes } from '../engine/violation.js';
import { storeErrors } from '../support/errors.js';
import { internal } from '../support/internal.js';
import { Script, script } from '../support/script.js';

const { readJournal } = await internal<{ readJournal(bytes: Buffer, path: string): SavedClient }>(
  '@sealwire/store-file',
  'read-journal.js',
);
const { encodeRecord } = await internal<{
  encodeRecord(salt: number, number: number, change: ImageChange): Buffer;
}>('@sealwire/store-file', 'record.js');
const { encodeJournalHeader } = await internal<{ encodeJournalHeader(salt: number): Buffer }>(
  '@sealwire/store-file',
  'journal-header.js',
);

const sector = 512;
const recordHeader = 16;
const salt = 0x0badcafe;
/** An entry of the outbox takes four bytes in the file, and some 250 in memory. */
const factor = 80;
const sources = ['read-journal', 'record', 'journal-header', 'torn'].map(
  (name) => `packages/store-file/dist/${name}.js`,
);

/** Any bytes as a journal; with an odd first byte their checksums are made right first. */
export const journal: Target = {
  name: 'store-file-journal',
  sources,
  seeds: () =>
    [1, 2, 3].flatMap((count) => [0, 1].map((first) => Uint8Array.of(first, ...sampleJournal(count)))),
  generate: (random) => {
    const bytes = sampleJournal(1 + random.below(3));
    const file = Uint8Array.of(1, ...bytes);
    for (let left = 1 + random.below(4); left > 0; left--) {
      const record = 1 + sector * (1 + random.below(Math.max(1, bytes.length / sector - 1)));
      file[Math.min(file.length - 1, record + random.below(90))] = random.below(random.oneIn(2) ? 4 : 256);
    }
    return file;
  },
  run(input, probe) {
    const bytes = Buffer.from(input.subarray(1));
    if (((input[0] ?? 0) & 1) === 1) repair(bytes);
    const saved = probe.call(bytes.length, storeErrors, () => readJournal(bytes, 'journal'), { factor });
    if (saved instanceof Refusal) {
      rule(
        ['E_CORRUPT', 'E_FORMAT'].includes(String(saved.error.code)),
        'a bad journal is damaged or foreign',
      );
      return;
    }
    checkSaved(saved);
    // It is written anew at once: nothing that was read may be lost by that.
    const whole = new ClientImage(saved, { maxOutboxEntries: 1, maxOutboxBytes: 1 }).whole();
    const again = readJournal(
      Buffer.concat([encodeJournalHeader(salt), encodeRecord(salt, 0, whole)]),
      'again',
    );
    rule(sameSaved(again, saved), 'what was read can be written and read again');
  },
};

/** Calls of the application in any order; each flush appends, and the file may be cut anywhere. */
export const clientImage: Target = {
  name: 'store-client-image',
  sources: ['packages/store/dist/client-image.js', ...sources],
  share: 0.5,
  seeds: () => [
    script(0, 0, 0, 0, 2, 3, 1, 2, 3, 1, 9, 5, 2, 1, 3, 2, 7, 1, 5, 1, 0, 2, 0, 4, 1, 2, 0, 1, 3, 5),
    script(200, 0, 0, 0, 1, 5, 5, 0, 1, 6, 5, 1, 0, 0, 0, 3, 5, 2, 2, 5, 5),
  ],
  run(input, probe) {
    const steps = new Script(input);
    const cut = steps.word();
    const image = new ClientImage(EMPTY_CLIENT, { maxOutboxEntries: 8, maxOutboxBytes: 64 });
    const records = [encodeRecord(salt, 0, image.whole())];
    const states = [image.saved()];
    for (let left = 60; left > 0 && !steps.done; left--) {
      if (steps.below(6) !== 5) change(image, steps, probe);
      else if (image.dirty) {
        const saved = image.saved();
        records.push(encodeRecord(salt, records.length, image.takeChange()));
        states.push(saved);
      }
      checkSaved(image.saved());
    }
    const file = Buffer.concat([encodeJournalHeader(salt), ...records]);
    rule(
      sameSaved(readJournal(file, 'whole'), states.at(-1)),
      'a journal tells the last state that was flushed',
    );
    // A crash cuts the last record; the ones before it were flushed.
    const last = records.at(-1)?.length ?? 0;
    if (records.length < 2) return;
    const torn = file.subarray(0, file.length - last + (cut % last));
    const left = probe.call(torn.length, storeErrors, () => readJournal(torn, 'torn'), { factor });
    rule(
      !(left instanceof Refusal) && sameSaved(left, states.at(-2)),
      'a cut loses nothing that was flushed before',
    );
  },
};

function change(image: ClientImage, steps: Script, probe: Probe): void {
  const { nextIndex, outbox } = image.saved();
  const act = steps.pick<() => void>([
    () => {
      const first = steps.below(8) === 7 ? nextIndex + 1n : nextIndex;
      image.append(
        Array.from({ length: steps.below(4) }, (_, index) => ({
          index: first + BigInt(index),
          json: steps.bytes(),
        })),
      );
    },
    () => image.trim(nextIndex - BigInt(steps.below(outbox.length + 3))),
    () => {
      const savedOrder = steps.pick([-1n, 0n, BigInt(steps.byte()), steps.hyper()]);
      image.save({ savedOrder, ...(steps.flag() && { reservedOrder: BigInt(steps.byte()) }) });
    },
    () => image.save({ sequenceOffset: steps.hyper() }),
    () => image.save({ pin: steps.flag() ? steps.bytes() : null }),
  ]);
  const before = image.saved();
  const result = probe.call(64, storeErrors, act, { factor });
  if (result instanceof Refusal) rule(sameSaved(image.saved(), before), 'a refused call changes nothing');
}

function checkSaved({ outbox, nextIndex }: SavedClient): void {
  const first = nextIndex - BigInt(outbox.length);
  rule(
    outbox.every(({ index }, at) => index === first + BigInt(at)),
    'the outbox has no hole and ends at nextIndex',
  );
}

function sameSaved(one: SavedClient, other: SavedClient | undefined): boolean {
  return (
    other !== undefined &&
    one.savedOrder === other.savedOrder &&
    one.reservedOrder === other.reservedOrder &&
    one.nextIndex === other.nextIndex &&
    one.sequenceOffset === other.sequenceOffset &&
    (one.pin === undefined) === (other.pin === undefined) &&
    sameBytes(one.pin ?? new Uint8Array(), other.pin ?? new Uint8Array()) &&
    one.outbox.length === other.outbox.length &&
    one.outbox.every(
      ({ index, json }, at) => index === other.outbox[at]?.index && sameBytes(json, other.outbox[at].json),
    )
  );
}

function sampleJournal(count: number): Buffer {
  const image = new ClientImage(EMPTY_CLIENT, { maxOutboxEntries: 100, maxOutboxBytes: 10_000 });
  const records = [encodeRecord(salt, 0, image.whole())];
  for (let number = 1; number < count; number++) {
    image.append([{ index: BigInt(number - 1), json: Uint8Array.of(0x31, 0x30 + number) }]);
    image.save({ savedOrder: BigInt(number), pin: Uint8Array.of(number), sequenceOffset: -3n });
    records.push(encodeRecord(salt, number, image.takeChange()));
  }
  return Buffer.concat([encodeJournalHeader(salt), ...records]);
}

/** Makes magic, version and checksums right, so that what lies behind them is reached. */
function repair(bytes: Buffer): void {
  if (bytes.length < sector) return;
  bytes.write('sealwire', 'latin1');
  bytes.writeUInt32BE(crc32(bytes.subarray(0, sector - 4)), sector - 4);
  const own = bytes.readUInt32BE(12);
  for (let at = sector, number = 0; at + recordHeader <= bytes.length; number++) {
    const length = Math.min(bytes.readUInt32BE(at + 4), bytes.length - at - recordHeader);
    const body = bytes.subarray(at + recordHeader, at + recordHeader + length);
    bytes.writeUInt32BE(number, at);
    bytes.writeUInt32BE(length, at + 4);
    bytes.writeUInt32BE(crc32(body, own), at + 8);
    bytes.writeUInt32BE(crc32(bytes.subarray(at, at + 12), own), at + 12);
    at += recordHeader + length;
  }
}
