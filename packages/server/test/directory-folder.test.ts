import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { directoryFolder } from '../src/index.js';
import { keyPair } from './keys.js';
import { world } from './world.js';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'sealwire-clients-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

const pem = async (name: 'alice' | 'bob') => (await keyPair(name)).publicKey.toPem();

/** How a client ends that the server does not know: it cannot read the welcome of a decoy. */
const unknown = { code: 1002 };

describe('directory folder', () => {
  it('lets added, replaced and removed files count from the next handshake on', async () => {
    const path = await folder();
    const { connect, dial } = await world({ clients: directoryFolder(path) });
    expect(await (await dial()).untilClosed()).toMatchObject(unknown);

    await writeFile(join(path, 'alice.pub'), await pem('alice'));
    const alice = await connect();

    await writeFile(join(path, 'alice.pub'), await pem('bob'));
    expect(await (await dial()).untilClosed()).not.toMatchObject({ code: 1000 });
    expect((await connect({ key: await keyPair('bob') })).live).toBe(true);
    expect(await alice.untilClosed()).toMatchObject({ code: 4000 });

    await rm(join(path, 'alice.pub'));
    expect(await (await dial({ key: await keyPair('bob') })).untilClosed()).toMatchObject(unknown);
  });

  it('sees files that are renamed into it and reads through links', async () => {
    const [path, elsewhere] = [await folder(), await folder()];
    const { connect } = await world({ clients: directoryFolder(path) });
    await writeFile(join(elsewhere, 'key'), await pem('alice'));
    await writeFile(join(elsewhere, 'other'), await pem('bob'));
    await symlink(join(elsewhere, 'key'), join(path, 'alice.pub'));
    await rename(join(elsewhere, 'other'), join(path, 'bob.pub'));
    expect((await connect()).live).toBe(true);
    expect((await connect({ clientId: 'bob' })).live).toBe(true);
  });

  it('reports a broken file by its name and leaves the others alone', async () => {
    const path = await folder();
    await writeFile(join(path, 'alice.pub'), await pem('alice'));
    await writeFile(join(path, 'bob.pub'), 'no key at all');
    await writeFile(join(path, 'notes.txt'), 'not looked at');
    const { connect, dial, event, events } = await world({ clients: directoryFolder(path) });
    const problem = await event('directory-problem');
    expect(problem).toMatchObject({ source: 'bob.pub', error: { code: 'E_CLIENT_ENTRY' } });
    expect((await connect()).live).toBe(true);
    expect(await (await dial({ clientId: 'bob' })).untilClosed()).toMatchObject(unknown);
    await writeFile(join(path, 'bob.pub'), await pem('bob'));
    expect((await connect({ clientId: 'bob' })).live).toBe(true);
    expect(events.filter(({ type }) => type === 'directory-problem')).toHaveLength(1);
  });

  it('bounds the size and the number of files, and takes no folder for a file', async () => {
    const path = await folder();
    await writeFile(join(path, 'alice.pub'), await pem('alice'));
    await writeFile(join(path, 'bob.pub'), `${await pem('bob')}${'\n'.repeat(2_000)}`);
    await mkdir(join(path, 'carol.pub'));
    await writeFile(join(path, 'dave.pub'), await pem('bob'));
    const { connect, events } = await world({
      clients: directoryFolder(path, { maxFiles: 3, maxFileBytes: 1_000 }),
    });
    const problems = events.flatMap((event) =>
      event.type === 'directory-problem' ? [`${event.source}: ${event.error.message}`] : [],
    );
    expect(problems).toEqual([
      'bob.pub: maxFileBytes: it is larger than 1000 bytes',
      'carol.pub: it is not a file',
      'dave.pub: maxFiles: there are more than 3; this one is left out',
    ]);
    expect((await connect()).live).toBe(true);
  });

  it.each(['../alice', 'sub/alice', '.', '..'])(
    'never makes a path of the client id %j',
    async (clientId) => {
      const parent = await folder();
      const path = join(parent, 'clients');
      await mkdir(join(path, 'sub'), { recursive: true });
      for (const place of [parent, path, join(path, 'sub')]) {
        await writeFile(join(place, 'alice.pub'), await pem('alice'));
      }
      const { dial } = await world({ clients: directoryFolder(path) });
      expect(await (await dial({ clientId })).untilClosed()).toMatchObject(unknown);
    },
  );

  it('is refused when there is no such folder', async () => {
    await expect(world({ clients: directoryFolder(join(await folder(), 'missing')) })).rejects.toMatchObject({
      code: 'E_DIRECTORY',
    });
  });

  it('lets nobody in when the folder is gone, and everybody when it is back', async () => {
    const path = await folder();
    await writeFile(join(path, 'alice.pub'), await pem('alice'));
    const { connect, dial, events } = await world({ clients: directoryFolder(path) });
    await rm(path, { recursive: true });
    expect(await (await dial()).untilClosed()).toMatchObject(unknown);
    expect(await (await dial()).untilClosed()).toMatchObject(unknown);
    const problems = events.filter((event) => event.type === 'directory-problem');
    expect(problems).toMatchObject([{ source: path, error: { code: 'E_DIRECTORY' } }]);
    await mkdir(path);
    await writeFile(join(path, 'alice.pub'), await pem('alice'));
    expect((await connect()).live).toBe(true);
  });

  it('refuses bounds that are none', () => {
    expect(() => directoryFolder('.', { maxFiles: 0 })).toThrow(
      expect.objectContaining({ code: 'E_OPTION' }),
    );
  });
});
