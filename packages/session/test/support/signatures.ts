import vectors from '@sealwire/vectors/keys.json' with { type: 'json' };
import type { KeyName } from './keys.js';

/** A signature as this protocol does not make it: another hash or salt, or PKCS#1 v1.5 where there is no salt. */
export async function signAnyhow(
  name: KeyName,
  hash: 'SHA-256' | 'SHA-512',
  saltLength: number | undefined,
  data: Uint8Array,
): Promise<Uint8Array> {
  const scheme = saltLength === undefined ? 'RSASSA-PKCS1-v1_5' : 'RSA-PSS';
  const pem = vectors.keys[name].privatePkcs8.replace(/-----[^-]+-----|\s/g, '');
  const pkcs8 = Uint8Array.from(atob(pem), (character) => character.charCodeAt(0));
  const key = await crypto.subtle.importKey('pkcs8', pkcs8, { name: scheme, hash }, false, ['sign']);
  const algorithm = saltLength === undefined ? { name: scheme } : { name: scheme, saltLength };
  return new Uint8Array(await crypto.subtle.sign(algorithm, key, data.slice()));
}
