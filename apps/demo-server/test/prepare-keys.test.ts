import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crypto } from '@sealwire/crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { type DemoServerOptions, readOptions } from '../src/options.js';
import { prepareKeys } from '../src/prepare-keys.js';
import { newFolder, removeFolders } from './folders.js';

afterAll(removeFolders);

function optionsFor(...args: string[]): DemoServerOptions {
  const options = readOptions(args);
  if (options === 'help') throw new Error('no options');
  return options;
}

async function complaint(...args: string[]): Promise<string> {
  const error: unknown = await prepareKeys(optionsFor(...args)).catch((reason: unknown) => reason);
  if (error instanceof Error && 'code' in error && error.code === 'E_USAGE') return error.message;
  throw new Error('no complaint', { cause: error });
}

describe('a first start', () => {
  it('makes a server key and a client key, says so, and keeps both private', async () => {
    const data = join(newFolder(), 'new');
    const keys = await prepareKeys(optionsFor('--data', data));
    expect(keys.notes).toEqual([
      `Made a new private key of the server: ${join(data, 'server.key')}`,
      `Made a new private key for a client named demo: ${join(data, 'demo.key')}`,
      `No client was known, so demo may connect now: ${join(data, 'clients', 'demo.pub')}`,
    ]);
    expect(readdirSync(data).sort()).toEqual(['clients', 'demo.key', 'server.key', 'server.pub']);
    if (process.platform !== 'win32') {
      for (const name of ['server.key', 'demo.key'])
        expect(statSync(join(data, name)).mode & 0o777).toBe(0o600);
      expect(statSync(data).mode & 0o777).toBe(0o700);
    }
    const written = await crypto.importPublicKey(readFileSync(keys.serverPublicFile));
    expect(written.fingerprint).toBe(keys.serverKey.publicKey.fingerprint);
    const demo = await crypto.importPrivateKey(readFileSync(join(data, 'demo.key')));
    const known = await crypto.importPublicKey(readFileSync(join(keys.clientsFolder, 'demo.pub')));
    expect(known.fingerprint).toBe(demo.publicKey.fingerprint);
  });

  it('is followed by starts that make nothing and use the same keys', async () => {
    const data = newFolder();
    const first = await prepareKeys(optionsFor('--data', data));
    const before = readFileSync(join(data, 'demo.key'), 'utf8');
    const second = await prepareKeys(optionsFor('--data', data));
    expect(second.notes).toEqual([]);
    expect(second.demoKeyFile).toBe(join(data, 'demo.key'));
    expect(second.serverKey.publicKey.fingerprint).toBe(first.serverKey.publicKey.fingerprint);
    rmSync(join(data, 'clients'), { recursive: true });
    const third = await prepareKeys(optionsFor('--data', data));
    expect(third.notes).toEqual([
      `No client was known, so demo may connect now: ${join(data, 'clients', 'demo.pub')}`,
    ]);
    expect(readFileSync(join(data, 'demo.key'), 'utf8')).toBe(before);
  });
});

describe('given keys', () => {
  it('are used, and nobody is let in beside the clients that are known', async () => {
    const [data, clients] = [newFolder(), newFolder()];
    const { privateKey, publicKey } = await crypto.generateKeyPair();
    const file = join(newFolder(), 'own.key');
    writeFileSync(file, await privateKey.toPem());
    writeFileSync(join(clients, 'alice.pub'), publicKey.toPem());
    const keys = await prepareKeys(optionsFor('--data', data, '--clients', clients, '--server-key', file));
    expect(keys).toMatchObject({ clientsFolder: clients, demoKeyFile: undefined, notes: [] });
    expect(keys.serverKey.publicKey.fingerprint).toBe(publicKey.fingerprint);
    expect(readdirSync(clients)).toEqual(['alice.pub']);
    expect(readdirSync(data)).toEqual(['server.pub']);
  });

  it('get a file of their own for the public half beside the one of another server key', async () => {
    const data = newFolder();
    const own = await prepareKeys(optionsFor('--data', data));
    const before = readFileSync(own.serverPublicFile, 'utf8');
    const { privateKey, publicKey } = await crypto.generateKeyPair();
    const file = join(newFolder(), 'other.key');
    writeFileSync(file, await privateKey.toPem());
    for (let start = 0; start < 2; start += 1) {
      const { serverPublicFile, notes } = await prepareKeys(optionsFor('--data', data, '--server-key', file));
      expect(serverPublicFile).not.toBe(own.serverPublicFile);
      expect(readFileSync(serverPublicFile, 'utf8')).toBe(publicKey.toPem());
      expect(readFileSync(own.serverPublicFile, 'utf8')).toBe(before);
      expect(notes).toEqual([
        `${own.serverPublicFile} is the public key of another server key and stays; the one of --server-key is ${serverPublicFile}`,
      ]);
    }
    expect(await prepareKeys(optionsFor('--data', data))).toMatchObject({
      serverPublicFile: own.serverPublicFile,
      notes: [],
    });
  });

  it('that are complete need not be written again', async () => {
    const data = newFolder();
    const { serverPublicFile } = await prepareKeys(optionsFor('--data', data));
    // No file with this mode can be written, and where root may, its time would tell.
    chmodSync(serverPublicFile, 0o444);
    const { mtimeMs } = statSync(serverPublicFile);
    await prepareKeys(optionsFor('--data', data));
    expect(statSync(serverPublicFile).mtimeMs).toBe(mtimeMs);
  });

  it('of clients get demo.pub in a named folder that is empty, but no named folder is made', async () => {
    const [data, clients] = [newFolder(), newFolder()];
    await prepareKeys(optionsFor('--data', data, '--clients', clients));
    expect(readdirSync(clients)).toEqual(['demo.pub']);
    const none = join(clients, 'none');
    expect(await complaint('--data', data, '--clients', none)).toBe(
      `--clients ${none} does not exist: check the path, or make the folder; this server makes only its own.`,
    );
    expect(readdirSync(clients)).toEqual(['demo.pub']);
  });

  it('of OpenSSH, elliptic keys and certificates are called by their names', async () => {
    const data = newFolder();
    const file = join(data, 'given.key');
    const complaintAt = async (text: string) => {
      writeFileSync(file, text);
      return complaint('--data', data, '--server-key', file);
    };
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(await complaintAt(privateKey.export({ type: 'sec1', format: 'pem' }).toString())).toBe(
      `--server-key ${file} is not a plain RSA key: make one with "openssl genrsa -out FILE 2048".`,
    );
    expect(
      await complaintAt('-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n'),
    ).toBe(
      `--server-key ${file} is a private key in the format of OpenSSH: turn a copy of it into PEM with "ssh-keygen -p -m PEM -f FILE".`,
    );
    expect(await complaintAt('ssh-rsa AAAA somebody\n')).toBe(
      `--server-key ${file} is a public key in the format of OpenSSH: turn it into PEM with "ssh-keygen -e -m PKCS8 -f FILE".`,
    );
    expect(await complaintAt('-----BEGIN CERTIFICATE-----\nMAcwADAAAwEA\n-----END CERTIFICATE-----\n')).toBe(
      `--server-key ${file} is a certificate, which holds no private key: give the file of the private key that belongs to it.`,
    );
  });

  it('are refused in one sentence if they cannot be used', async () => {
    const data = newFolder();
    const { serverPublicFile } = await prepareKeys(optionsFor('--data', data));
    const bad = join(data, 'bad.key');
    writeFileSync(bad, 'no key at all');
    const flags = ['--data', data, '--server-key'];
    expect(await complaint(...flags, join(data, 'none'))).toBe(
      `--server-key ${join(data, 'none')} does not exist: check the path; the demo server makes keys and prints where.`,
    );
    expect(await complaint(...flags, data)).toBe(
      `--server-key ${data} is a folder: give the key file in it.`,
    );
    expect(await complaint(...flags, serverPublicFile)).toBe(
      `--server-key ${serverPublicFile} holds a public key where the private one is needed: give the file of the private key.`,
    );
    expect(await complaint(...flags, bad)).toBe(
      `--server-key ${bad} holds no usable RSA private key in PEM: give one that the demo server made, or make one with "openssl genrsa -out FILE 2048".`,
    );
  });

  it('never repeats what a broken key file holds', async () => {
    const data = newFolder();
    mkdirSync(join(data, 'clients'));
    const secret = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC';
    writeFileSync(
      join(data, 'server.key'),
      `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----\n`,
    );
    const sentence = await complaint('--data', data);
    expect(sentence).toContain(join(data, 'server.key'));
    expect(sentence).not.toContain(secret);
  });
});

it('refuses a data folder or a clients folder that is a file', async () => {
  const folder = newFolder();
  const file = join(folder, 'file');
  writeFileSync(file, '');
  expect(await complaint('--data', file)).toBe(
    `--data ${file} cannot be made (EEXIST): give another folder.`,
  );
  expect(await complaint('--data', folder, '--clients', file)).toBe(
    `--clients ${file} cannot be read (ENOTDIR): give a folder of <client id>.pub files.`,
  );
});
