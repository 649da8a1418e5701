import { open, type RootDatabase } from 'lmdb';
import { payloadBytes } from '../lab/payload.js';
import { answerCalls } from '../lab/process.js';
import { now, turn } from '../lab/time.js';
import { vitals } from '../lab/vitals.js';

/** Rows that are written and not flushed yet; then writing waits. */
const mostWaiting = 8_192;
/** As long as the store's: what it keeps beside the JSON, and its row of a client. */
const entryBytes = payloadBytes + 20;
const clientBytes = 57;
const clientKey = Buffer.from('\x02c0');

let db: RootDatabase<Buffer, Buffer> | undefined;
let order = 0n;

function logKey(): Buffer {
  order += 1n;
  const key = Buffer.alloc(13);
  key[0] = 3;
  key.writeBigUInt64BE(order, 5);
  return key;
}

export interface Written {
  /** Messages a second. */
  readonly rate: number;
  readonly seconds: number;
}

const calls = {
  ...vitals,
  start(path: string): void {
    db = open<Buffer, Buffer>(path, { keyEncoding: 'binary', encoding: 'binary' });
  },
  /** The rows of messages to one client, `burst` in each batch, each batch flushed. */
  async write(burst: number, ms: number): Promise<Written> {
    if (db === undefined) throw new Error('start first');
    const rows = db;
    let waiting = 0;
    let flushed: Promise<unknown> = Promise.resolve();
    let count = 0;
    const began = now();
    for (; now() < began + ms; count += burst) {
      const written = rows.batch(() => {
        for (let n = 0; n < burst; n++) rows.put(logKey(), Buffer.alloc(entryBytes, 'x'));
        rows.put(clientKey, Buffer.alloc(clientBytes));
      });
      waiting += burst;
      flushed = written.then(() => rows.flushed).then(() => (waiting -= burst));
      await turn();
      while (waiting > mostWaiting) await flushed;
    }
    await flushed;
    const seconds = (now() - began) / 1_000;
    return { rate: count / seconds, seconds };
  },
};

export type LmdbWriterCalls = typeof calls;

answerCalls(calls);
