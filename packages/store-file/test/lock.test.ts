import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openFileState } from '../src/index.js';
import { lockFolder } from '../src/lock.js';
import { kill, startWorker } from './worker.js';

const base = mkdtempSync(join(tmpdir(), 'sealwire-lock-'));
let count = 0;
afterAll(() => rmSync(base, { recursive: true, force: true }));

function folder(name = `${count++}`): string {
  const path = join(base, name);
  mkdirSync(path, { recursive: true });
  return path;
}

it('keeps a second process out until the first is killed, whatever it left behind', async () => {
  const path = folder();
  const holder = await startWorker(path);
  await expect(openFileState(path)).rejects.toMatchObject({ code: 'E_LOCKED' });
  await kill(holder);
  expect(readdirSync(path).filter((name) => name.startsWith('lock-')).length, 'left behind').toBe(1);
  const state = await openFileState(path);
  await expect(startWorker(path)).rejects.toThrow('E_LOCKED');
  await state.close();
  expect(readdirSync(path)).toEqual(['journal']);
});

it('keeps the same process out as well, until closed', async () => {
  const path = folder();
  const first = await openFileState(path);
  await expect(openFileState(path)).rejects.toMatchObject({ code: 'E_LOCKED' });
  await first.close();
  await (await openFileState(path)).close();
});

it('never lets two in, however many come at once', async () => {
  for (let round = 0; round < 30; round++) {
    const path = folder();
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => lockFolder(path)));
    const held = results.filter((result) => result.status === 'fulfilled');
    expect(held.length).toBeLessThanOrEqual(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'E_LOCKED' });
    }
    for (const { value } of held) await value.release();
    expect(readdirSync(path)).toEqual([]);
  }
});

it('removes what killed processes left, finished or not', async () => {
  const path = folder();
  for (const name of ['lock-1', 'lock-2.new']) writeFileSync(join(path, name), '');
  const lock = await lockFolder(path);
  expect(readdirSync(path).length).toBe(1);
  await lock.release();
});

it('does not take one that is about to listen for one that does not', async () => {
  const path = folder();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(path, 'lock-early.new'), resolve));
  await expect(lockFolder(path)).rejects.toMatchObject({ code: 'E_LOCKED' });
  await new Promise((resolve) => server.close(resolve));
});

it('works in a folder whose path is longer than a socket may have', async () => {
  const path = folder(join('x'.repeat(100), 'y'.repeat(100)));
  const lock = await lockFolder(path);
  await expect(lockFolder(path)).rejects.toMatchObject({ code: 'E_LOCKED' });
  await lock.release();
  expect(readdirSync(path)).toEqual([]);
});

it('does not keep the process alive', async () => {
  const code = `import { openFileState } from '@sealwire/store-file';
    await openFileState(process.argv[1]); console.log('open');`;
  const args = ['--input-type=module', '-e', code, folder()];
  const cwd = new URL('..', import.meta.url);
  expect(execFileSync(process.execPath, args, { cwd, encoding: 'utf8', timeout: 15_000 })).toBe('open\n');
});
