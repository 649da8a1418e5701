import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { checksum, seedOf } from '../src/checksum.js';
import { openLmdbStore } from '../src/index.js';
import { KIND, metaKey } from '../src/keys.js';
import { ROW_COST } from '../src/options.js';
import { decodeClient, decodeTotals } from '../src/records.js';
import { scratch } from './scratch.js';
import { dataFile, expectCode, json, PLENTY, publish, textsOf, withRows } from './tools.js';

const { directory, remove } = scratch();
afterAll(remove);

async function closedStore(): Promise<string> {
  const path = directory();
  const store = await openLmdbStore(path);
  const { epoch } = await store.claim('alice', 'any');
  // One by one, so that each has a row of its own.
  for (const text of ['first', 'second', 'third', 'fourth']) await publish(store, 'alice', text);
  await publish(store, 'bob', 'hello');
  const session = { clientId: 'alice', epoch };
  const puts = [{ key: 'balance', value: json('value-of-a-key') }];
  await store.commit({ session, sequence: 0n, refusal: 'reason-of-a-refusal', puts }).flushed;
  await store.close();
  return path;
}

function flip(path: string, text: string): void {
  const bytes = readFileSync(dataFile(path));
  let at = bytes.indexOf(text);
  expect(at).toBeGreaterThan(0);
  // Old pages may still hold a copy.
  for (; at > 0; at = bytes.indexOf(text, at + 1)) bytes[at + 2]! ^= 1;
  writeFileSync(dataFile(path), bytes);
}

describe('a byte that changed in the file', () => {
  it('stops the log of that client before it, by name, and nobody else [D2]', async () => {
    const path = await closedStore();
    flip(path, 'third');
    const store = await openLmdbStore(path);
    expect(await textsOf(store, 'alice')).toEqual(['first', 'second']);
    for (const after of [2n, 1n + 1n]) {
      const message = await expectCode(store.readLog('alice', after, PLENTY), 'E_CORRUPT');
      expect(message).toContain('ORDER 3 of client "alice"');
      expect(message).not.toContain('third');
    }
    expect(await textsOf(store, 'alice', 3n)).toEqual(['fourth']);
    expect(await textsOf(store, 'bob')).toEqual(['hello']);
    await publish(store, 'alice', 'fifth');
    expect(await textsOf(store, 'alice')).toEqual(['first', 'second']);
    await store.close();
  });

  it('is found in values and refusals [D2]', async () => {
    const path = await closedStore();
    flip(path, 'value-of-a-key');
    flip(path, 'reason-of-a-refusal');
    const store = await openLmdbStore(path);
    expect(await expectCode(store.get('balance'), 'E_CORRUPT')).toContain('"balance"');
    await store.commit({ puts: [{ key: 'amount', value: json('5') }] }).flushed;
    const page = await store.list({ prefix: '', limit: PLENTY });
    expect(page.map(({ key }) => key)).toEqual(['amount']);
    const next = store.list({ prefix: '', after: 'amount', limit: PLENTY });
    expect(await expectCode(next, 'E_CORRUPT')).toContain('"balance"');
    const message = await expectCode(store.refusals('alice', -1n), 'E_CORRUPT');
    expect(message).toContain('SEQUENCE 0 of client "alice"');
    await store.close();
  });
});

describe('a row', () => {
  it('of a client that is damaged is not built upon [D2]', async () => {
    const path = await closedStore();
    await withRows(path, (rows) => {
      for (const { key, value } of rows.all(KIND.client)) {
        if (key.toString('utf8', 1) !== 'alice') continue;
        value[12]! ^= 1;
        rows.put(key, value);
      }
    });
    const store = await openLmdbStore(path);
    expect(await expectCode(store.read('alice'), 'E_CORRUPT')).toContain('client "alice"');
    await expectCode(store.claim('alice', 'any'), 'E_CORRUPT');
    await expectCode(publish(store, 'alice', 'x'), 'E_CORRUPT');
    await expectCode(store.readLog('alice', 0n, PLENTY), 'E_CORRUPT');
    const both = ['bob', 'alice'].map((clientId) => ({ clientId, json: json('x'), timestamp: 0 }));
    await expectCode(store.commit({ publishes: both }).flushed, 'E_CORRUPT');
    expect(await textsOf(store, 'bob')).toEqual(['hello']);
    await store.close();
  });

  it('of the log that is missing is not skipped [D2]', async () => {
    for (const [gone, served] of [
      ['second', ['first']],
      ['fourth', ['first', 'second', 'third']],
    ] as const) {
      const path = await closedStore();
      await withRows(path, (rows) => {
        const row = rows.all(KIND.log).find(({ value }) => value.toString().endsWith(gone));
        rows.remove(row!.key);
      });
      const store = await openLmdbStore(path);
      expect(await textsOf(store, 'alice')).toEqual(served);
      const next = BigInt(served.length);
      expect(await expectCode(store.readLog('alice', next, PLENTY), 'E_CORRUPT')).toContain(
        `ORDER ${next + 1n} `,
      );
      await store.close();
    }
  });

  it('that several messages share is served whole or not at all [D2]', async () => {
    const path = directory();
    const before = await openLmdbStore(path);
    await publish(before, 'alice', 'first');
    await publish(before, 'alice', 'second', 'third', 'fourth');
    await publish(before, 'alice', 'fifth');
    await before.close();
    await withRows(path, (rows) => expect(rows.all(KIND.log)).toHaveLength(3));
    flip(path, 'third');
    const store = await openLmdbStore(path);
    expect(await textsOf(store, 'alice')).toEqual(['first']);
    for (const after of [1n, 2n, 3n]) {
      const message = await expectCode(store.readLog('alice', after, PLENTY), 'E_CORRUPT');
      expect(message).toContain(`ORDER ${after + 1n} of client "alice" is damaged`);
    }
    expect(await textsOf(store, 'alice', 4n)).toEqual(['fifth']);
    await store.close();
  });

  it('that is damaged goes from the account of its client as it came, however many messages shared it [D2]', async () => {
    const path = directory();
    const before = await openLmdbStore(path);
    await publish(before, 'alice', 'first', 'second', 'third');
    await publish(before, 'bob', 'hello');
    await before.close();
    await withRows(path, (rows) => {
      const { key, value } = rows.all(KIND.log)[0]!;
      value.writeUInt32LE(2 ** 31, 12);
      rows.put(key, value);
    });
    const store = await openLmdbStore(path, { maxEntriesPerClient: 1 });
    await publish(store, 'alice', 'fourth');
    expect(await textsOf(store, 'alice', 3n)).toEqual(['fourth']);
    await store.close();
    await withRows(path, (rows) => {
      const kept = rows.all(KIND.client).map(({ value }) => decodeClient(value.subarray(4)).bytes);
      expect(kept).toEqual([6 + ROW_COST, 5 + ROW_COST]);
      const totals = rows.all(KIND.meta).find(({ key }) => key.equals(metaKey('totals')));
      expect(decodeTotals(totals!.value.subarray(4)).logBytes).toBe(6 + 5 + 2 * ROW_COST);
    });
  });

  it('that is missing leaves nothing in the account of a log that is empty again [D2]', async () => {
    const path = directory();
    const day = 86_400_000;
    let now = 1_800_000_000_000;
    const before = await openLmdbStore(path, { now: () => now });
    await publish(before, 'alice', 'first');
    await publish(before, 'alice', 'second');
    await publish(before, 'bob', 'hello');
    await before.close();
    await withRows(path, (rows) => rows.remove(rows.all(KIND.log)[0]!.key));
    now += 2 * day;
    const store = await openLmdbStore(path, { now: () => now, maxAge: day });
    await publish(store, 'bob', 'again');
    expect(await store.read('alice')).toMatchObject({ head: 2n, removedUpTo: 2n });
    await store.close();
    await withRows(path, (rows) => {
      const kept = rows.all(KIND.client).map(({ value }) => decodeClient(value.subarray(4)).bytes);
      expect(kept).toEqual([0, 5 + ROW_COST]);
      const totals = rows.all(KIND.meta).find(({ key }) => key.equals(metaKey('totals')));
      expect(decodeTotals(totals!.value.subarray(4)).logBytes).toBe(5 + ROW_COST);
    });
  });

  it('whose messages end elsewhere than it is damaged, though its checksum is right [D2]', async () => {
    for (const length of [0, 2 ** 32 - 1]) {
      const path = await closedStore();
      await withRows(path, (rows) => {
        const { key, value } = rows.all(KIND.log)[0]!;
        value.writeUInt32LE(length, 12);
        const clientSeed = checksum(Buffer.from('alice'));
        value.writeUInt32LE(checksum(value.subarray(4), seedOf(clientSeed, 0, 1)));
        rows.put(key, value);
      });
      const store = await openLmdbStore(path);
      expect(await expectCode(store.readLog('alice', 0n, PLENTY), 'E_CORRUPT')).toContain('ORDER 1 ');
      await store.close();
    }
  });

  it('that stands in another place than it was written is damaged [D2]', async () => {
    const path = await closedStore();
    await withRows(path, (rows) => {
      const log = rows.all(KIND.log);
      rows.put(log[0]!.key, log[1]!.value);
      const bob = log.findIndex(({ value }) => value.toString().endsWith('hello'));
      rows.put(log[bob]!.key, log[0]!.value);
    });
    const store = await openLmdbStore(path);
    await expectCode(store.readLog('alice', 0n, PLENTY), 'E_CORRUPT');
    await expectCode(store.readLog('bob', 0n, PLENTY), 'E_CORRUPT');
    await store.close();
  });

  it('that is too short to be one is damaged [D2]', async () => {
    const path = await closedStore();
    await withRows(path, (rows) => {
      for (const kind of [KIND.log, KIND.value, KIND.refusal]) {
        for (const { key } of rows.all(kind)) rows.put(key, Buffer.of(1, 2));
      }
    });
    const store = await openLmdbStore(path);
    await expectCode(store.readLog('bob', 0n, PLENTY), 'E_CORRUPT');
    await expectCode(store.get('balance'), 'E_CORRUPT');
    await expectCode(store.list({ prefix: 'b', limit: PLENTY }), 'E_CORRUPT');
    await expectCode(store.refusals('alice', -1n), 'E_CORRUPT');
    await store.close();
  });
});
