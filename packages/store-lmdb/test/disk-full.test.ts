import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { openLmdbStore } from '../src/index.js';
import { scratch } from './scratch.js';
import { smallDisk } from './small-disk.js';
import { dataFile, expectCode, json, publish, textsOf } from './tools.js';

const { directory, remove } = scratch();
const path = directory();
const disk = smallDisk(path);
afterAll(() => {
  disk.remove();
  remove();
});

const child = fileURLToPath(new URL('full-disk-child.mjs', import.meta.url));
const remover = fileURLToPath(new URL('huge-removal-child.mjs', import.meta.url));
const refused = fileURLToPath(new URL('refused-commit-child.mjs', import.meta.url));
const opener = fileURLToPath(new URL('process-child.mjs', import.meta.url));

const put = (key: string, size: number) => ({ puts: [{ key, value: new Uint8Array(size) }] });

describe('a full disk', () => {
  it(`confirms nothing, loses nothing, and is no longer full once there is room (${disk.name})`, async () => {
    const store = await openLmdbStore(path, { maxSize: disk.maxSize });
    await disk.fill(store);
    const outcomes: string[] = [];
    for (let n = 0; outcomes.at(-1) !== 'E_DISK_FULL'; n++) {
      const staged = [store.commit(put(`k${n}`, 60_000)), store.commit({})];
      const [first, second] = await Promise.all(
        staged.map(({ flushed }) => flushed.then(() => 'kept').catch((error) => error.code)),
      );
      expect(second).toBe(first);
      outcomes.push(first);
    }
    for (let again = 0; again < 3; again++)
      await expectCode(publish(store, 'a', 'x'.repeat(70_000)), 'E_DISK_FULL');
    for (const [n, outcome] of outcomes.entries()) {
      expect((await store.get(`k${n}`))?.length).toBe(outcome === 'kept' ? 60_000 : undefined);
    }
    await disk.free(store);
    expect(await publish(store, 'a', 'later')).toEqual([1n]);
    await store.close();
    const reopened = await openLmdbStore(path, { maxSize: disk.maxSize });
    expect(await textsOf(reopened, 'a')).toEqual(['later']);
    expect((await reopened.get('k0'))?.length).toBe(60_000);
    await reopened.close();
  });
});

describe('without one free byte', () => {
  const { path: mounted, remove: unmount, name } = smallDisk(directory(), '16m');
  afterAll(unmount);

  /** Each as the command line of the program that works on the store. */
  const variants: Record<string, readonly string[]> = {
    'a file that may not become larger': ['sh', '-c', `ulimit -f 8192; exec node ${child} "$0"`, directory()],
    ...(name === 'a file system' && {
      'a disk that another file fills': ['node', child, join(mounted, 'store'), join(mounted, 'hog')],
    }),
  };

  it.each(Object.entries(variants))(
    'no process ends: what needs no room goes on, so does reading, and all returns (%s) [D4]',
    { timeout: 300_000 },
    (_, [command = '', ...args]) => {
      const told = JSON.parse(execFileSync(command, args, { encoding: 'utf8' }));
      expect(told).toMatchObject({
        consumes: { kept: 1000 },
        claims: { kept: 10 },
        newClients: { kept: 300 },
        reads: { kept: 10 },
        adds: { E_DISK_FULL: expect.any(Number) },
        later: 'kept',
        texts: ['before', 'later'],
        agrees: true,
      });
      expect(told.adds.E_DISK_FULL).toBeGreaterThan(50);
    },
  );

  it.each([40, 5])(
    'a removal that frees very much is kept or refused, and the store goes on (claims by %s before) [D4]',
    { timeout: 300_000 },
    (claims) => {
      const command = `ulimit -f 1064960; exec node ${remover} "$0" ${claims}`;
      const told = JSON.parse(execFileSync('sh', ['-c', command, directory()], { encoding: 'utf8' }));
      expect(told.large).toBeGreaterThan(30);
      expect(['kept', 'E_DISK_FULL']).toContain(told.all);
      expect(told).not.toHaveProperty('E_IO');
      expect(told).toMatchObject({ kept: expect.any(Number), claim: 'kept' });
    },
  );

  it('a commit that is refused for want of room takes none [D4]', () => {
    const path = directory();
    const command = `ulimit -f 16384; exec node ${refused} "$0" "$1"`;
    const told = execFileSync('sh', ['-c', command, path, dataFile(path)], { encoding: 'utf8' });
    expect(JSON.parse(told)).toEqual(['E_DISK_FULL', 0]);
  });

  it('no store is made, and no process ends over it [D4]', () => {
    const path = directory();
    const command = `ulimit -f 8; exec node ${opener}`;
    const told = execFileSync('sh', ['-c', command], { encoding: 'utf8', input: `open ${path}\nclose\n` });
    expect(told).toMatch(/^E_DISK_FULL .*\n.*\n$/);
    expect(readdirSync(path)).toEqual([]);
  });

  it('no part of a lock file is left for those who open the store later [D4]', async () => {
    const path = directory();
    await (await openLmdbStore(path)).close();
    rmSync(`${dataFile(path)}-lock`);
    const command = `ulimit -f 16; exec node ${opener}`;
    const told = execFileSync('sh', ['-c', command], { encoding: 'utf8', input: `open ${path}\nclose\n` });
    expect(told).toMatch(/^E_DISK_FULL .*locks/);
    expect(readdirSync(dirname(dataFile(path))).sort()).toEqual(['data.mdb', 'sealwire.json']);
  });

  it('nothing that LMDB writes to by itself has holes, in a store whose file was copied with holes [D4]', async () => {
    const path = directory();
    const store = await openLmdbStore(path);
    await publish(store, 'a', 'kept');
    await store.close();
    truncateSync(dataFile(path), 8_000_000);
    rmSync(`${dataFile(path)}-lock`);
    const again = await openLmdbStore(path);
    for (const file of [dataFile(path), `${dataFile(path)}-lock`]) {
      const { blocks, size } = statSync(file);
      expect(blocks * 512).toBeGreaterThanOrEqual(size);
    }
    expect(await textsOf(again, 'a')).toEqual(['kept']);
    await again.close();
  });
});

describe('a full store', () => {
  it('confirms nothing more, goes on with what needs no room, and returns by itself [D4]', async () => {
    const path = directory();
    const store = await openLmdbStore(path, { maxSize: 1_048_576 });
    const { epoch } = await store.claim('a', 'any');
    const session = { clientId: 'a', epoch };
    await publish(store, 'a', 'kept');
    let kept = 0;
    let message = '';
    for (; message === ''; kept++) {
      const { flushed } = store.commit(put(`k${kept}`, 50_000));
      message = await flushed.then(
        () => '',
        (error) => `${error.code} ${error.message}`,
      );
    }
    expect(message).toMatch(/^E_DISK_FULL maxSize/);
    const full = kept - 1;
    expect(full).toBeGreaterThan(5);
    for (let again = 0; again < 3; again++) {
      await expectCode(publish(store, 'a', 'lost'.repeat(25_000)), 'E_DISK_FULL');
    }
    expect(await store.get(`k${full}`)).toBeUndefined();
    expect((await store.get(`k${full - 1}`))?.length).toBe(50_000);
    await store.commit({ session, sequence: 0n }).flushed;
    await store.claim('a', 'any');
    expect(await textsOf(store, 'a')).toEqual(['kept']);

    const removals = Array.from({ length: full }, (_, n) => ({ key: `k${n}`, value: null }));
    await store.commit({ puts: removals }).flushed;
    await publish(store, 'a', 'later');
    await store.commit(put('k', 50_000)).flushed;
    expect(await textsOf(store, 'a')).toEqual(['kept', 'later']);
    await store.close();

    const reopened = await openLmdbStore(path, { maxSize: 1_048_576 });
    expect(await textsOf(reopened, 'a')).toEqual(['kept', 'later']);
    expect((await reopened.read('a')).lastSequence).toBe(0n);
    await reopened.close();
  });

  it('turns no claim away, whatever shares its flush, and keeps the epochs over a restart [D4]', async () => {
    const path = directory();
    const store = await openLmdbStore(path, { maxSize: 1_048_576 });
    const claims = [];
    for (let round = 0; round < 20; round++) {
      const failing = () => expectCode(store.commit(put('k', 900_000)).flushed, 'E_DISK_FULL');
      const before = failing();
      claims.push(store.claim('a', 'any'), store.claim(`new ${round}`, 'any'));
      const after = failing();
      await Promise.all([before, after, store.claim('b', 'any')]);
    }
    const epochs = (await Promise.all(claims)).map(({ epoch }) => epoch);
    const expected = Array.from({ length: 20 }, (_, round) => [BigInt(round + 1), 1n]);
    expect(epochs).toEqual(expected.flat());
    await store.close();
    const reopened = await openLmdbStore(path, { maxSize: 1_048_576 });
    expect((await reopened.read('a')).epoch).toBe(20n);
    expect((await reopened.claim('b', 'any')).epoch).toBe(21n);
    expect(await reopened.get('k')).toBeUndefined();
    await reopened.close();
  });

  it('has room again when it is opened with a larger bound', async () => {
    const path = directory();
    const store = await openLmdbStore(path, { maxSize: 1_048_576 });
    const large = { key: 'k', value: json('x'.repeat(900_000)) };
    await expectCode(store.commit({ puts: [large] }).flushed, 'E_DISK_FULL');
    await store.close();
    const larger = await openLmdbStore(path, { maxSize: 4_194_304 });
    await larger.commit({ puts: [large] }).flushed;
    await larger.close();
  });

  it('is not filled by logs, because retention makes room', async () => {
    const store = await openLmdbStore(directory(), { maxSize: 2_097_152 });
    for (let n = 0; n < 300; n++) await publish(store, `c${n % 7}`, String(n).padEnd(20_000, '.'));
    const { head, removedUpTo } = await store.read('c0');
    expect([head, removedUpTo > 0n]).toEqual([43n, true]);
    await store.close();
  });
});
