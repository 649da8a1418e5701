import { execFileSync } from 'node:child_process';
import { mkdtemp, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { directoryFolder } from '../src/index.js';
import { keyPair } from './keys.js';

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  return { ...real, open: vi.fn(real.open), readdir: vi.fn(real.readdir) };
});

const hour = 3_600_000;
let path: string;

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'sealwire-clients-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  onTestFinished(() => void vi.restoreAllMocks());
});

/** The wall clock, and the one that nobody sets, of the server; the files have that of the machine. */
function setClocks(wall: number) {
  vi.spyOn(Date, 'now').mockReturnValue(wall);
  let elapsed = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => elapsed);
  return (milliseconds: number) => {
    elapsed += milliseconds;
  };
}

async function openFolder() {
  const problems: string[] = [];
  const folder = await directoryFolder(path).open((source) => problems.push(source));
  onTestFinished(() => folder.close());
  return { folder, problems };
}

async function write(name: 'alice' | 'bob') {
  await writeFile(join(path, `${name}.pub`), (await keyPair(name)).publicKey.toPem());
}

it('reads a file again that the system could not open', async () => {
  // Long after all changes, so that none is looked at again because it is new.
  setClocks(Date.now() + hour);
  await write('alice');
  vi.mocked(open).mockRejectedValueOnce(
    Object.assign(new Error('too many open files'), { code: 'EMFILE', syscall: 'open' }),
  );
  const { folder, problems } = await openFolder();
  expect(problems).toEqual(['alice.pub']);
  expect(await folder.find('alice')).toMatchObject({ publicKey: { fingerprint: expect.any(String) } });
});

it('looks at a file that can be used for an unknown client, so that it takes no longer than a known one [S10]', async () => {
  setClocks(Date.now() + hour);
  await write('alice');
  await write('bob');
  const real = vi.mocked(open).getMockImplementation() as typeof open;
  vi.mocked(open).mockImplementation(async (...args) => {
    if (args[0] === join(path, 'alice.pub')) throw Object.assign(new Error('no'), { syscall: 'open' });
    return real(...args);
  });
  onTestFinished(() => void vi.mocked(open).mockImplementation(real));
  const { folder } = await openFolder();
  vi.mocked(open).mockClear();
  await folder.find('nobody');
  await folder.find('bob');
  expect(open).not.toHaveBeenCalled();
});

it('does not list the folder for each client while its time stamp lies ahead', async () => {
  await write('alice');
  const pass = setClocks(Date.now() - hour);
  const { folder } = await openFolder();
  pass(101);
  await folder.find('alice');
  vi.mocked(readdir).mockClear();
  vi.mocked(open).mockClear();
  for (let i = 0; i < 3; i++) await folder.find('alice');
  expect(await folder.find('nobody')).toBeUndefined();
  expect(readdir).not.toHaveBeenCalled();
  expect(open).not.toHaveBeenCalled();
});

it('reads a file once more when its time stamp, which lies ahead, is known for longer than one time stamp may last', async () => {
  await write('alice');
  const pass = setClocks(Date.now() - hour);
  const { folder } = await openFolder();
  vi.mocked(open).mockClear();
  pass(100);
  await folder.find('alice');
  expect(open).toHaveBeenCalledTimes(2);
  pass(1);
  for (let i = 0; i < 3; i++) await folder.find('alice');
  expect(open).toHaveBeenCalledTimes(3);
});

it('answers after two listings however often the folder changes and others ask', async () => {
  await write('alice');
  const { folder } = await openFolder();
  const real = vi.mocked(readdir).getMockImplementation();
  let listings = 0;
  const others: Promise<unknown>[] = [];
  vi.mocked(readdir).mockImplementation(async (...args) => {
    listings += 1;
    if (listings < 20) {
      await writeFile(join(path, `note-${listings}`), '');
      others.push(Promise.resolve(folder.find('nobody')));
    }
    return (real as typeof readdir)(...args);
  });
  await writeFile(join(path, 'note'), '');
  expect(await folder.find('alice')).toBeDefined();
  expect(listings).toBeLessThan(5);
  await Promise.all(others);
});

it('does not wait for a pipe that takes the place of a file', async () => {
  await write('alice');
  await write('bob');
  const pipe = join(path, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const real = vi.mocked(open).getMockImplementation() as typeof open;
  vi.mocked(open).mockImplementationOnce(async (...args) => {
    await rename(pipe, join(path, 'alice.pub'));
    return real(...args);
  });
  const { folder, problems } = await openFolder();
  expect(problems).toEqual(['alice.pub']);
  expect(await folder.find('alice')).toBeUndefined();
  expect(await folder.find('bob')).toBeDefined();
});
