import { crypto, type KeyPair } from '@sealwire/crypto';

/** Made once per test file: a pair takes a tenth of a second. */
export async function makeKeys(): Promise<{ readonly server: KeyPair; readonly client: KeyPair }> {
  const [server, client] = await Promise.all([crypto.generateKeyPair(), crypto.generateKeyPair()]);
  return { server, client };
}

export type Keys = Awaited<ReturnType<typeof makeKeys>>;
