import type { PrivateKey } from '@sealwire/crypto';

export interface OpenedHello {
  readonly plaintext: Uint8Array;
  /** The key that opened it. */
  readonly serverSpki: Uint8Array;
}

/** Tries all keys of the hello's size, whichever opens it, so that time does not tell which. */
export async function openHello(
  serverKeys: readonly PrivateKey[],
  hello: Uint8Array,
): Promise<OpenedHello | undefined> {
  const keys = serverKeys.filter((key) => key.publicKey.modulusBytes === hello.length);
  const results = await Promise.allSettled(keys.map((key) => key.decrypt(hello)));
  const index = results.findIndex((result) => result.status === 'fulfilled');
  const [result, key] = [results[index], keys[index]];
  if (result?.status !== 'fulfilled' || key === undefined) return undefined;
  return { plaintext: result.value, serverSpki: key.publicKey.spki };
}
