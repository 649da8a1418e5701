import { createPublicKey, generateKeyPair } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { crypto, type PrivateKey } from '@sealwire/crypto';

const generate = promisify(generateKeyPair);
/** Making a key takes long and is not measured, so keys are kept from run to run. */
const folder = join(tmpdir(), 'sealwire-bench-keys');

/** The `index`-th key in PKCS #8. Key 0 is the server's. */
export function pemOf(index: number): string {
  return readFileSync(fileOf(index), 'utf8');
}

function fileOf(index: number): string {
  return join(folder, `${index}.pem`);
}

/** Makes the keys that are missing of the server's and those of `count` clients. */
export async function makeKeys(count: number): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const missing = Array.from({ length: count + 1 }, (_, index) => index).filter(
    (index) => !existsSync(fileOf(index)),
  );
  if (missing.length > 20) console.error(`making ${missing.length} RSA keys in ${folder} …`);
  const lanes = Array.from({ length: 4 }, async () => {
    for (let index = missing.pop(); index !== undefined; index = missing.pop()) await makeKey(index);
  });
  await Promise.all(lanes);
}

async function makeKey(index: number): Promise<void> {
  const { privateKey } = await generate('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  // Others may make the same key at the same moment, and have begun to use theirs: whole files only, and the first stays.
  const unfinished = `${fileOf(index)}.${process.pid}`;
  writeFileSync(unfinished, privateKey, { mode: 0o600 });
  try {
    linkSync(unfinished, fileOf(index));
  } catch (error) {
    if (!existsSync(fileOf(index))) throw error;
  }
  rmSync(unfinished);
}

const imported = new Map<number, Promise<PrivateKey>>();

function importKey(index: number): Promise<PrivateKey> {
  const known = imported.get(index) ?? crypto.importPrivateKey(pemOf(index));
  imported.set(index, known);
  return known;
}

export function serverKey(): Promise<PrivateKey> {
  return importKey(0);
}

/** Clients are named `c0`, `c1` and so on; where there are fewer keys than clients, some share one. */
function indexOf(clientId: string, keys: number): number {
  return 1 + (Number(clientId.slice(1)) % keys);
}

export function clientKey(clientId: string, keys: number): Promise<PrivateKey> {
  return importKey(indexOf(clientId, keys));
}

const exported = new Map<number, string>();

/** In PEM, as a directory has it. */
export function publicKeyOf(clientId: string, keys: number): string {
  const index = indexOf(clientId, keys);
  const known =
    exported.get(index) ?? createPublicKey(pemOf(index)).export({ type: 'spki', format: 'pem' }).toString();
  exported.set(index, known);
  return known;
}

export function clientIds(from: number, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `c${from + n}`);
}
