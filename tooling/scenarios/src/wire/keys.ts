import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import vectors from '@sealwire/vectors/keys.json' with { type: 'json' };

/** The keys of the vectors, which are public and worth nothing. */
export interface KeyPair {
  readonly pem: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

function pair(name: keyof typeof vectors.keys): KeyPair {
  const pem = vectors.keys[name].privatePkcs8;
  return { pem, privateKey: createPrivateKey(pem), publicKey: createPublicKey(pem) };
}

/** Clients that every server knows, by their ids. */
export const people = {
  alice: pair('client2048'),
  bob: pair('client3072'),
  carol: pair('client4096'),
  dave: pair('client2049'),
} as const;

export type Person = keyof typeof people;

export const names = Object.keys(people) as Person[];

/** The keys that a server may have. */
export const serverKeys = { server: pair('server2048'), next: pair('server3072') } as const;

export type ServerKeyName = keyof typeof serverKeys;
