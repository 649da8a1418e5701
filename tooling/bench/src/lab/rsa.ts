import { constants, type KeyObject, sign, verify } from 'node:crypto';
import { promisify } from 'node:util';

/** RSASSA-PSS as the protocol has it, on nothing but `node:crypto`. */
const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_MAX_SIGN };

const onThePool = promisify(sign) as (
  algorithm: string,
  data: Uint8Array,
  key: { key: KeyObject; padding: number; saltLength: number },
) => Promise<Buffer>;

/** On a thread of the pool. */
export function signed(data: Uint8Array, key: KeyObject): Promise<Buffer> {
  return onThePool('sha512', data, { key, ...pss });
}

export function verifySigned(data: Uint8Array, signature: Uint8Array, key: KeyObject): void {
  if (!verify('sha512', data, { key, ...pss }, signature)) throw new Error('not verified');
}
