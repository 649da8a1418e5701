import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { afterAll, describe, expect, it } from 'vitest';
import { openLmdbStore } from '../src/index.js';
import { scratch } from './scratch.js';
import { dataFile, expectCode, markerFile, publish, textsOf } from './tools.js';

const { directory, remove } = scratch();
afterAll(remove);

async function closedStore(): Promise<string> {
  const path = directory();
  const store = await openLmdbStore(path);
  await publish(store, 'a', 1, 2);
  await store.close();
  return path;
}

const contents = (file: string) =>
  existsSync(file) ? createHash('sha256').update(readFileSync(file)).digest('hex') : 'nothing';

/** The refusal names the path, and everything is as it was. */
async function refuses(path: string, code: string, named = dataFile(path)): Promise<string> {
  const before = contents(dataFile(path));
  const message = await expectCode(openLmdbStore(path), code);
  expect(message).toContain(named);
  expect(contents(dataFile(path))).toBe(before);
  return message;
}

describe('a new store', () => {
  it('is made in a directory that is missing, empty, or has only what a file system or a crash left', async () => {
    const [missing, empty, leftovers] = [join(directory(), 'deep', 'down'), directory(), directory()];
    mkdirSync(empty);
    for (const name of ['lost+found', 'making-0b5c']) mkdirSync(join(leftovers, name), { recursive: true });
    for (const path of [missing, empty, leftovers]) {
      const store = await openLmdbStore(path);
      await publish(store, 'a', 1);
      await store.close();
      expect(readdirSync(path)).toContain('store');
    }
  });

  it('can be read by its owner only', async () => {
    const path = directory();
    mkdirSync(path, { mode: 0o755 });
    const store = await openLmdbStore(path);
    await publish(store, 'a', 1);
    await store.close();
    expect(statSync(join(path, 'store')).mode & 0o777).toBe(0o700);
  });

  it('is not made beside other files', async () => {
    const path = directory();
    mkdirSync(path);
    writeFileSync(join(path, 'precious.txt'), 'x');
    expect(await refuses(path, 'E_FORMAT', path)).toContain('precious.txt');
    expect(readdirSync(path)).toEqual(['precious.txt']);
  });

  it('is not made where there is no directory to be had', async () => {
    const file = directory();
    writeFileSync(file, 'x');
    expect(await expectCode(openLmdbStore(file), 'E_FORMAT')).toContain(file);
    expect(await expectCode(openLmdbStore(join(file, 'below')), 'E_IO')).toContain(file);
  });

  it('is one store for two that make it at the same time', async () => {
    const path = directory();
    const outcomes = await Promise.allSettled([openLmdbStore(path), openLmdbStore(path)]);
    const stores = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const errors = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason.code] : [],
    );
    expect(errors).toEqual(['E_LOCKED']);
    await publish(stores[0]!, 'a', 1);
    await stores[0]!.close();
    expect(readdirSync(path)).toEqual(['store']);
  });
});

describe('a data file is refused and left alone when it', () => {
  it.each([
    ['is empty', 0],
    ['was cut within its first page', 100],
    ['was cut between its first pages', 4096],
    ['was cut behind its first pages', 8192],
  ])('%s', async (_, size) => {
    const path = await closedStore();
    truncateSync(dataFile(path), size);
    await refuses(path, 'E_CORRUPT');
  });

  it('was cut by one page of those in use [D3]', async () => {
    const path = await closedStore();
    const bytes = readFileSync(dataFile(path));
    const pages = [0, 4096].map((at) => Number(bytes.readBigUInt64LE(at + 144)));
    const used = (Math.max(...pages) + 1) * 4096;
    truncateSync(dataFile(path), used - 1);
    await refuses(path, 'E_CORRUPT');
    truncateSync(dataFile(path), used);
    const store = await openLmdbStore(path);
    await store.close();
  });

  it('is missing', async () => {
    const path = await closedStore();
    copyFileSync(dataFile(path), `${dataFile(path)}.moved`);
    rmSync(dataFile(path));
    await refuses(path, 'E_CORRUPT');
    expect(existsSync(dataFile(path))).toBe(false);
  });

  it('is something else [D3]', async () => {
    const path = await closedStore();
    writeFileSync(dataFile(path), Buffer.alloc(100_000, 'no database '));
    await refuses(path, 'E_CORRUPT');
  });

  it('has another version of LMDB’s own format [D3, P18]', async () => {
    const path = await closedStore();
    const bytes = readFileSync(dataFile(path));
    bytes.writeUInt32LE(9, 28);
    writeFileSync(dataFile(path), bytes);
    await refuses(path, 'E_FORMAT');
  });

  it('is an LMDB file of somebody else, or of another store [D3, P18]', async () => {
    const [path, other] = [await closedStore(), await closedStore()];
    copyFileSync(dataFile(other), dataFile(path));
    await refuses(path, 'E_FORMAT');
    const foreign = join(directory(), 'foreign.mdb');
    const db = open(foreign, { overlappingSync: false });
    await db.put('key', 'value');
    await db.close();
    copyFileSync(foreign, dataFile(path));
    await refuses(path, 'E_FORMAT');
  });
});

describe('a marker is refused when it', () => {
  it.each([
    ['is missing', undefined],
    ['is damaged', '{"kind":"sealwire-st'],
    ['is another file', '{"kind":"something","version":1,"id":"x"}'],
    ['names an older version', '{"kind":"sealwire-store-lmdb","version":2,"id":"x"}'],
    ['names a newer version', '{"kind":"sealwire-store-lmdb","version":4,"id":"x"}'],
    ['is null', 'null'],
  ])('%s', async (_, text) => {
    const path = await closedStore();
    if (text === undefined) rmSync(markerFile(path));
    else writeFileSync(markerFile(path), text);
    const size = statSync(dataFile(path)).size;
    await refuses(path, 'E_FORMAT', markerFile(path));
    expect(statSync(dataFile(path)).size).toBe(size);
  });
});

describe('a store that is open', () => {
  it('is not opened again by the same process, under any name', async () => {
    const path = directory();
    const store = await openLmdbStore(path);
    await expectCode(openLmdbStore(path), 'E_LOCKED');
    await expectCode(openLmdbStore(join(path, '..', path.split('/').at(-1)!)), 'E_LOCKED');
    await store.close();
    const again = await openLmdbStore(path);
    await again.close();
  });

  it('stays open until its last handle is closed', async () => {
    const path = directory();
    const one = await openLmdbStore(path);
    const two = one.open();
    await one.close();
    await expectCode(openLmdbStore(path), 'E_LOCKED');
    await publish(two, 'a', 1);
    expect(await textsOf(two, 'a')).toEqual(['1']);
    expect(() => one.open()).toThrow('closed');
    await two.close();
    await (await openLmdbStore(path)).close();
  });
});

describe('options', () => {
  it.each([
    ['maxEntries', { maxEntries: 5 } as never],
    ['options', null as never],
    ['maxSize', { maxSize: 1000 }],
    ['maxEntriesPerClient', { maxEntriesPerClient: 0 }],
    ['maxBytesPerClient', { maxBytesPerClient: 1.5 }],
    ['maxAge', { maxAge: Number.NaN }],
    ['maxStagedBytes', { maxStagedBytes: Infinity }],
    ['maxCachedClients', { maxCachedClients: -1 }],
    ['maxTotalBytes', { maxTotalBytes: 2 ** 30, maxSize: 2 ** 30 }],
    ['maxBytesPerClient', { maxTotalBytes: 2 ** 20, maxBytesPerClient: 2 ** 21 }],
    ['maxSize', { maxSize: 5n as never }],
    ['maxTotalBytes', { maxTotalBytes: Symbol('much') as never }],
    ['options', null as never],
  ])('that are no bounds or contradict each other are refused by name: %s', async (name, options) => {
    const path = directory();
    expect(await expectCode(openLmdbStore(path, options), 'E_ARGUMENT')).toContain(name);
    expect(existsSync(path)).toBe(false);
  });

  it('follow one another where only one is named', async () => {
    for (const options of [{ maxSize: 2 ** 20 }, { maxTotalBytes: 1000 }, { maxBytesPerClient: 2 ** 32 }]) {
      const store = await openLmdbStore(directory(), options);
      await publish(store, 'a', 1);
      await store.close();
    }
  });
});
