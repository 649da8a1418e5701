import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { directoryFolder } from '../src/index.js';
import { keyPair } from './keys.js';

const calls = vi.hoisted((): string[] => []);

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const counted =
    <A extends unknown[], R>(name: string, call: (...args: A) => R) =>
    (...args: A): R => {
      calls.push(name);
      return call(...args);
    };
  return {
    ...real,
    stat: counted('stat', real.stat as (...args: unknown[]) => unknown),
    open: counted('open', real.open as (...args: unknown[]) => unknown),
    readdir: counted('readdir', real.readdir as (...args: unknown[]) => unknown),
  };
});

describe('directory folder', () => {
  it('asks the file system the same for ids that exist and for those that do not [S10, M10]', async () => {
    const path = await mkdtemp(join(tmpdir(), 'sealwire-clients-'));
    onTestFinished(() => rm(path, { recursive: true, force: true }));
    const pem = (await keyPair('alice')).publicKey.toPem();
    for (const name of ['alice.pub', 'bob.pub', 'bob.require', 'carol.pub']) {
      await writeFile(join(path, name), name === 'carol.pub' ? 'no key' : name.endsWith('.pub') ? pem : '');
    }
    const directory = await directoryFolder(path).open(() => {});
    onTestFinished(() => directory.close());
    const asked = async (clientId: string): Promise<readonly string[]> => {
      calls.length = 0;
      await directory.find(clientId);
      return [...calls];
    };
    // Files that were written just now are looked at again and again.
    while ((await asked('alice')).includes('open') || (await asked('carol')).includes('open')) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const known = await asked('alice');
    expect(known).toEqual(['stat', 'stat']);
    for (const clientId of ['alice', 'bob', 'carol', 'dave', '__proto__', '../alice', 'alice.pub']) {
      expect([clientId, await asked(clientId)]).toEqual([clientId, known]);
    }
    // Where the stand-in has changed it is read once, and not for each stranger.
    await writeFile(join(path, 'alice.pub'), `${pem}\n`);
    while ((await asked('dave')).includes('open')) await new Promise((resolve) => setTimeout(resolve, 20));
    for (const clientId of ['alice', 'bob', 'dave']) expect(await asked(clientId)).toEqual(known);
  });
});
