import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crypto, type PrivateKey, type PublicKey } from '@sealwire/crypto';
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
  const serverPublicFile = await keepPublicKey(options, serverKey.publicKey, notes);

  const clientsFolder = options.clients ?? join(options.data, 'clients');
  const demoKeyFile = join(options.data, 'demo.key');
  const known = await publicKeysIn(clientsFolder, options.clients !== undefined);
  if (known.length === 0) {
    const demoKey = await readOrMakeKey(demoKeyFile, 'private key for a client named demo', notes);
    const file = join(clientsFolder, 'demo.pub');
    if (options.clients === undefined) await makeFolder('--data', clientsFolder);
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

/**
 * Writes `server.pub` where it does not hold this key yet. One of another key belongs to `server.key` beside it, so the
 * public half of a key that was named goes to a file of its own.
 */
async function keepPublicKey(
  { data, serverKey: named }: DemoServerOptions,
  key: PublicKey,
  notes: string[],
): Promise<string> {
  const pem = key.toPem();
  const usual = join(data, 'server.pub');
  const there = await textOf(usual);
  if (there === pem) return usual;
  if (there === undefined || named === undefined) {
    await write('--data', usual, pem, 0o644);
    if (there !== undefined) notes.push(`The public key of the server was another one and is now: ${usual}`);
    return usual;
  }
  const name = key.fingerprint
    .replace('SHA256:', '')
    .replace(/[^0-9A-Za-z]/g, '')
    .slice(0, 16);
  const own = join(data, `server-${name}.pub`);
  if ((await textOf(own)) !== pem) await write('--data', own, pem, 0o644);
  notes.push(`${usual} is the public key of another server key and stays; the one of --server-key is ${own}`);
  return own;
}

async function textOf(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

async function readOrMakeKey(file: string, what: string, notes: string[]): Promise<PrivateKey> {
  if (await exists(file)) return readPrivateKey('The key file', file);
  const { privateKey } = await crypto.generateKeyPair();
  // 'wx' never overwrites: a private key that is lost is lost for good.
  await write('--data', file, await privateKey.toPem(), 0o600, 'wx');
  notes.push(`Made a new ${what}: ${file}`);
  return privateKey;
}

async function publicKeysIn(folder: string, named: boolean): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith('.pub'));
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') {
      if (!named) return [];
      throw new UsageError(
        `--clients ${folder} does not exist: check the path, or make the folder; this server makes only its own.`,
        { cause },
      );
    }
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
