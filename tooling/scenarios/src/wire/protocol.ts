import {
  constants,
  createCipheriv,
  createDecipheriv,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';

/**
 * The bytes of docs/protocol.md once more, written from that page alone and without any Sealwire package, so that
 * our client and server meet a peer that shares none of their mistakes.
 */
export type Layout = 'documented' | 'deployed';

export function opaque(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}

export function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

export function hyper(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}

export function double(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
}

/** Takes fields from the front of a buffer. */
export class Fields {
  #rest: Buffer;

  constructor(bytes: Buffer) {
    this.#rest = bytes;
  }

  get rest(): Buffer {
    return this.#rest;
  }

  take(length: number): Buffer {
    if (length > this.#rest.length) throw new Error('message ends early');
    const bytes = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return bytes;
  }

  word(): number {
    return this.take(4).readInt32BE();
  }

  hyper(): bigint {
    return this.take(8).readBigInt64BE();
  }

  double(): number {
    return this.take(8).readDoubleBE();
  }

  opaque(): Buffer {
    const length = this.take(4).readUInt32BE();
    const bytes = this.take(length);
    this.take((4 - (length % 4)) % 4);
    return bytes;
  }
}

export function oaep(key: KeyObject, plaintext: Buffer): Buffer {
  return publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, plaintext);
}

export function unOaep(key: KeyObject, ciphertext: Buffer): Buffer {
  return privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, ciphertext);
}

/** @param odd what a peer may do wrong */
export function pss(key: KeyObject, data: Buffer, odd: { hash?: string; saltLength?: number } = {}): Buffer {
  const { hash = 'sha512', saltLength = fullSalt(key) } = odd;
  return sign(hash, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });
}

export function isPss(key: KeyObject, data: Buffer, signature: Buffer): boolean {
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  return verify('sha512', data, { key, padding, saltLength: fullSalt(key) }, signature);
}

export function seal(key: Buffer, plaintext: Buffer, iv: Buffer = randomBytes(16)): Buffer {
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  return Buffer.concat([iv, cipher.update(plaintext), cipher.final()]);
}

export function open(key: Buffer, frame: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-cbc', key, frame.subarray(0, 16));
  return Buffer.concat([decipher.update(frame.subarray(16)), decipher.final()]);
}

function fullSalt(key: KeyObject): number {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  return Math.ceil((bits - 1) / 8) - 66;
}
