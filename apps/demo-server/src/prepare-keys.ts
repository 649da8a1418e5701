import { access, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crypto, type PrivateKey } from '@sealwire/crypto';
import { codeOf, readPrivateKey, UsageError } from '@sealwire/demo-common';
import type { DemoServerOptions } from './options.js';

export interface PreparedKeys {
  readonly serverKey: PrivateKey;
  /** The file of the server's public key, for clients. */
  readonly serverPublicFile: string;
  readonly clientsFolder: string;
  /** The file of a private key that belongs to the client id `demo`, if this server made one. */
  readonly demoKeyFile: string | undefined;
  /** What was made, in words. */
  readonly notes: readonly string[];
}

/**
 * Reads the keys, and makes those that are missing, so that a first start needs no other tool.
 *
 * @throws UsageError
 */
export async function prepareKeys(options: DemoServerOptions): Promise<PreparedKeys> {
  const notes: string[] = [];
  await makeFolder('--data', options.data);
  const serverKey =
    options.serverKey === undefined
      ? await readOrMakeKey(join(options.data, 'server.key'), 'private key of the server', notes)
      : await readPrivateKey('--server-key', options.serverKey);
  // Written anew each time: it follows the private key, whichever was given.
  const serverPublicFile = join(options.data, 'server.pub');
  await write('--data', serverPublicFile, serverKey.publicKey.toPem(), 0o644);

  const clientsFolder = options.clients ?? join(options.data, 'clients');
  const demoKeyFile = join(options.data, 'demo.key');
  const known = await publicKeysIn(clientsFolder);
  if (known.length === 0) {
    const demoKey = await readOrMakeKey(demoKeyFile, 'private key for a client named demo', notes);
    const file = join(clientsFolder, 'demo.pub');
    await makeFolder('--clients', clientsFolder);
    await write('--clients', file, demoKey.publicKey.toPem(), 0o644);
    notes.push(`No client was known, so demo may connect now: ${file}`);
  }
  const hasDemo = known.length === 0 || (known.includes('demo.pub') && (await exists(demoKeyFile)));
  return {
    serverKey,
    serverPublicFile,
    clientsFolder,
    demoKeyFile: hasDemo ? demoKeyFile : undefined,
    notes,
  };
}

async function readOrMakeKey(file: string, what: string, notes: string[]): Promise<PrivateKey> {
  if (await exists(file)) return readPrivateKey('The key file', file);
  const { privateKey } = await crypto.generateKeyPair();
  // 'wx' never overwrites: a private key that is lost is lost for good.
  await write('--data', file, await privateKey.toPem(), 0o600, 'wx');
  notes.push(`Made a new ${what}: ${file}`);
  return privateKey;
}

async function publicKeysIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith('.pub'));
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return [];
    throw new UsageError(
      `--clients ${folder} cannot be read (${codeOf(cause)}): give a folder of <client id>.pub files.`,
      { cause },
    );
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function makeFolder(flag: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw new UsageError(`${flag} ${folder} cannot be made (${codeOf(cause)}): give another folder.`, {
      cause,
    });
  });
}

async function write(
  source: string,
  file: string,
  text: string,
  mode: number,
  flag: 'w' | 'wx' = 'w',
): Promise<void> {
  await writeFile(file, text, { mode, flag }).catch((cause: unknown) => {
    throw new UsageError(`${source}: ${file} cannot be written (${codeOf(cause)}): give another folder.`, {
      cause,
    });
  });
}
