import { type Crypto, crypto, type PublicKeyInput } from '@sealwire/crypto';
import { describe, expect, it } from 'vitest';
import { ClientKeys } from '../src/client-keys.js';
import type { ClientEntry } from '../src/index.js';
import { keyPair } from './keys.js';

const alice = (await keyPair('alice')).publicKey;
const bob = (await keyPair('bob')).publicKey;
const server = (await keyPair('server')).publicKey;

/** The keys of a directory that a function answers for, and what is imported because of it. */
function keysOf(directory: Record<string, () => ClientEntry['publicKey']>, importsAtHellos = true) {
  const imported: PublicKeyInput[] = [];
  const counting: Crypto = {
    ...crypto,
    importPublicKey: (source) => {
      imported.push(source);
      return crypto.importPublicKey(source);
    },
  };
  const find = (clientId: string): ClientEntry | undefined => {
    const publicKey = Object.hasOwn(directory, clientId) ? directory[clientId] : undefined;
    return publicKey && { publicKey: publicKey() };
  };
  const keys = new ClientKeys(find, counting, {
    layout: 'documented',
    hardening: 'prefer',
    allowKeySharing: false,
    maxCachedKeys: 3,
    importsAtHellos,
    standIn: server.toPem(),
    serverKeys: [server.fingerprint],
  });
  /** How many keys a hello of this client imports. */
  const cost = async (clientId: string): Promise<number> => {
    imported.length = 0;
    await keys.find(clientId).catch(() => undefined);
    return imported.length;
  };
  return { keys, imported, cost };
}

describe('what a hello imports where a function is the directory', () => {
  it('is one key for the first of each id, and nothing for the next, whoever it is [S10]', async () => {
    const { cost } = keysOf({
      text: () => alice.toPem(),
      // Read anew for each hello, as a function may do.
      bytes: () => bob.spki,
      imported: () => alice,
      broken: () => 'no key',
    });
    for (const clientId of ['text', 'bytes', 'imported', 'broken', 'unknown', '__proto__']) {
      expect([clientId, await cost(clientId), await cost(clientId)]).toEqual([clientId, 1, 0]);
    }
  });

  it('is something of the same kind, as soon as there is something of that kind [S10]', async () => {
    const { cost, imported } = keysOf({ alice: () => alice.spki });
    await cost('early');
    expect(imported).toEqual([server.toPem()]);
    await cost('alice');
    await cost('late');
    expect(imported).toEqual([alice.spki]);
  });

  it('is forgotten alike [S10]', async () => {
    const { cost } = keysOf({ alice: () => alice.toPem(), bob: () => bob.toPem() });
    for (const clientId of ['alice', 'mallory', 'bob']) await cost(clientId);
    // Of three places the oldest go.
    for (const clientId of ['carol', 'dave']) await cost(clientId);
    expect([await cost('bob'), await cost('alice'), await cost('mallory')]).toEqual([0, 1, 1]);
  });

  it('is nothing for anybody where keys are imported early [S10]', async () => {
    const { cost } = keysOf({ alice: () => alice }, false);
    expect([await cost('alice'), await cost('mallory')]).toEqual([0, 0]);
  });
});

it('takes the key that the directory gives now, also where it was written over the bytes of the one before', async () => {
  const der = Uint8Array.from(alice.spki);
  const { keys } = keysOf({ alice: () => der });
  expect((await keys.find('alice'))?.publicKey.fingerprint).toBe(alice.fingerprint);
  der.set(bob.spki);
  expect((await keys.find('alice'))?.publicKey.fingerprint).toBe(bob.fingerprint);
});

it('takes no key for another that is written over its bytes while it is imported', async () => {
  const der = Uint8Array.from(alice.spki);
  const { keys } = keysOf({ alice: () => der });
  const first = keys.find('alice');
  // The directory has given its entry, and the import is under way.
  for (let turns = 0; turns < 2; turns += 1) await Promise.resolve();
  der.set(bob.spki);
  await first.catch(() => undefined);
  expect((await keys.find('alice'))?.publicKey.fingerprint).toBe(bob.fingerprint);
});

it.each([undefined, null])('says that an entry has no key, where it is %s', async (nothing) => {
  const { keys } = keysOf({ alice: () => nothing as unknown as string });
  await expect(keys.find('alice')).rejects.toMatchObject({ code: 'E_CLIENT_ENTRY', message: /publicKey/ });
});

it('imports a key for an unknown id after an entry had null for one [S10]', async () => {
  const { keys, imported } = keysOf({ alice: () => null as unknown as string });
  await keys.find('alice').catch(() => undefined);
  await keys.find('mallory');
  expect(imported).toEqual([server.toPem(), server.toPem()]);
});
