import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { FILE_STATE_DEFAULTS, openFileState } from '../src/index.js';

const base = mkdtempSync(join(tmpdir(), 'sealwire-open-'));
let count = 0;
const fresh = () => join(base, `${count++}`);
afterAll(() => rmSync(base, { recursive: true, force: true }));

const entry = (index: bigint, size = 3) => ({ index, json: new Uint8Array(size).fill(65) });

it('makes a folder and a journal that only its owner can read', async () => {
  const folder = fresh();
  await (await openFileState(folder)).close();
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, 'journal')).mode & 0o777).toBe(0o600);
});

it('writes through no link and into no file that somebody has put in the way of its next journal', async () => {
  const other = fresh();
  writeFileSync(other, 'of somebody else');
  const link = (path: string) => symlinkSync(other, path);
  const open = (path: string) => {
    writeFileSync(path, '');
    chmodSync(path, 0o666);
  };
  for (const put of [link, open]) {
    const folder = fresh();
    mkdirSync(folder);
    put(join(folder, 'journal.new'));
    await (await openFileState(folder)).close();
    expect(lstatSync(join(folder, 'journal')).isFile()).toBe(true);
    expect(statSync(join(folder, 'journal')).mode & 0o777).toBe(0o600);
  }
  expect(readFileSync(other, 'utf8')).toBe('of somebody else');
});

it('refuses what is no file in the place of its journal, and waits for nothing', async () => {
  const pipe = (path: string) => execFileSync('mkfifo', [path]);
  const link = (path: string) => symlinkSync('/dev/zero', path);
  for (const put of [pipe, link, mkdirSync]) {
    const folder = fresh();
    mkdirSync(folder);
    put(join(folder, 'journal'));
    await expect(openFileState(folder)).rejects.toMatchObject({
      code: 'E_FORMAT',
      message: expect.stringContaining('is not a file'),
    });
  }
});

it('does not make the parent of a folder, which may be a slip of the pen', async () => {
  await expect(openFileState(join(fresh(), 'below'))).rejects.toMatchObject({
    code: 'E_IO',
    cause: { code: 'ENOENT' },
  });
});

it('refuses what is no path and what is no bound', async () => {
  for (const path of ['', 5 as unknown as string]) {
    await expect(openFileState(path)).rejects.toMatchObject({ code: 'E_ARGUMENT' });
  }
  for (const [words, wrong] of [
    ['outbox', { outbox: 5 }],
    ['an object', null],
  ] as const) {
    await expect(openFileState(fresh(), wrong as never)).rejects.toMatchObject({
      code: 'E_ARGUMENT',
      message: expect.stringContaining(words),
    });
  }
  for (const name of Object.keys(FILE_STATE_DEFAULTS)) {
    for (const value of [0, 1.5, Number.NaN, 2 ** 40, '9']) {
      await expect(openFileState(fresh(), { [name]: value })).rejects.toMatchObject({
        code: 'E_ARGUMENT',
        message: expect.stringContaining(name),
      });
    }
  }
});

it('refuses a folder that is a file', async () => {
  const file = fresh();
  writeFileSync(file, '');
  await expect(openFileState(file)).rejects.toMatchObject({ code: 'E_IO' });
});

it('changes nothing of a journal that it refuses, and leaves no lock', async () => {
  const folder = fresh();
  const state = await openFileState(folder);
  await state.append([entry(0n)]);
  await state.close();
  const path = join(folder, 'journal');
  const whole = readFileSync(path);
  const damaged = Buffer.from(whole);
  damaged.writeUInt8(damaged.readUInt8(600) ^ 1, 600);
  for (const [bytes, code] of [
    [damaged, 'E_CORRUPT'],
    [Buffer.alloc(0), 'E_FORMAT'],
    [Buffer.from('{}'), 'E_FORMAT'],
  ] as const) {
    writeFileSync(path, bytes);
    for (let i = 0; i < 2; i++) await expect(openFileState(folder)).rejects.toMatchObject({ code });
    expect(readFileSync(path)).toEqual(bytes);
  }
  writeFileSync(path, whole);
  expect((await (await openFileState(folder)).load()).nextIndex).toBe(1n);
});

it('refuses a file that is longer than any journal before it reads it', async () => {
  const folder = fresh();
  await (await openFileState(folder)).close();
  truncateSync(join(folder, 'journal'), 2 ** 30 + 1);
  await expect(openFileState(folder)).rejects.toMatchObject({ code: 'E_FORMAT' });
});

it('keeps what was saved under larger bounds, and takes no more until there is room', async () => {
  const folder = fresh();
  const large = await openFileState(folder);
  await large.append([entry(0n, 50), entry(1n, 50), entry(2n, 50)]);
  await large.close();
  const small = await openFileState(folder, { maxOutboxEntries: 2, maxOutboxBytes: 100 });
  expect((await small.load()).outbox.length).toBe(3);
  await expect(small.append([entry(3n, 1)])).rejects.toMatchObject({
    code: 'E_FULL',
    message: expect.stringContaining('maxOutboxEntries'),
  });
  await small.trim(1n);
  await expect(small.append([entry(3n, 51)])).rejects.toMatchObject({
    code: 'E_FULL',
    message: expect.stringContaining('maxOutboxBytes'),
  });
  await small.append([entry(3n, 50)]);
  await small.close();
});

it('refuses numbers that no HYPER holds', async () => {
  const state = await openFileState(fresh());
  for (const change of [
    { savedOrder: 2n ** 63n },
    { reservedOrder: 2n ** 63n },
    { sequenceOffset: -(2n ** 63n) - 1n },
  ]) {
    await expect(state.save(change)).rejects.toMatchObject({ code: 'E_ARGUMENT' });
  }
  await state.save({ savedOrder: 2n ** 63n - 1n, sequenceOffset: -(2n ** 63n) });
  await state.close();
});
