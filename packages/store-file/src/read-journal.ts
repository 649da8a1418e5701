import { crc32 } from 'node:zlib';
import { type OutboxEntry, type SavedClient, StoreError } from '@sealwire/store';
import { EMPTY_CLIENT, type ImageChange } from '@sealwire/store/kit';
import { decodeJournalHeader } from './journal-header.js';
import { decodeBody, decodeHeader, RECORD_HEADER, SECTOR } from './record.js';
import { isTorn } from './torn.js';

/**
 * The state that a journal tells, without the last record if a crash cut it short.
 *
 * @param path named in errors
 * @throws StoreError `E_FORMAT` or `E_CORRUPT`
 */
export function readJournal(bytes: Buffer, path: string): SavedClient {
  const salt = decodeJournalHeader(bytes, path);
  const replay = new Replay();
  let offset = SECTOR;
  for (let number = 0; number === 0 || offset < bytes.length; number++) {
    const body = readBody(bytes, offset, number, salt);
    if (body === undefined) {
      // The first record was flushed before the file got its name.
      if (number > 0 && isTorn(bytes, offset, number, salt)) break;
      throw corrupt(path, offset);
    }
    try {
      replay.apply(decodeBody(body));
    } catch (cause) {
      throw corrupt(path, offset, cause);
    }
    offset += RECORD_HEADER + body.length;
  }
  return replay.saved;
}

function readBody(bytes: Buffer, offset: number, number: number, salt: number): Buffer | undefined {
  if (bytes.length - offset < RECORD_HEADER) return undefined;
  const header = decodeHeader(salt, bytes, offset);
  if (header?.number !== number) return undefined;
  const start = offset + RECORD_HEADER;
  if (header.length > bytes.length - start) return undefined;
  const body = bytes.subarray(start, start + header.length);
  return crc32(body, salt) === header.bodyCrc ? body : undefined;
}

class Replay {
  #fields: Omit<SavedClient, 'outbox'> = EMPTY_CLIENT;
  #outbox: OutboxEntry[] = [];

  get saved(): SavedClient {
    return { ...this.#fields, outbox: this.#outbox };
  }

  /** Throws a RangeError if it does not go on from what was applied before. */
  apply({ appended, firstIndex, pin, ...fields }: ImageChange): void {
    const before = this.#fields.nextIndex;
    const start = fields.nextIndex - BigInt(appended.length);
    if (start !== (firstIndex > before ? firstIndex : before)) throw new RangeError('entries are missing');
    const kept = before > firstIndex ? Number(before - firstIndex) : 0;
    if (kept > this.#outbox.length) throw new RangeError('entries came back');
    this.#outbox.splice(0, this.#outbox.length - kept);
    for (const entry of appended) this.#outbox.push(entry);
    this.#fields = { ...fields, pin: pin === undefined ? this.#fields.pin : (pin ?? undefined) };
  }
}

function corrupt(path: string, offset: number, cause?: unknown): StoreError {
  return new StoreError(
    'E_CORRUPT',
    `${path}: damaged at byte ${offset}: nothing was changed; restore the file, or start with another folder`,
    { cause },
  );
}
