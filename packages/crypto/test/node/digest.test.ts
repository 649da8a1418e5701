import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hmacSha256 } from '../../src/node/digest.js';
import * as web from '../../src/web/digest.js';

function reference(key: Uint8Array, ...data: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(createHmac('sha256', key).update(Buffer.concat(data)).digest());
}

describe('HMAC on Node', () => {
  it('is that of OpenSSL and of noble, whatever the lengths', () => {
    const data = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 4 });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 140 }), data, (key, parts) => {
        expect(hmacSha256(key, ...parts)).toEqual(reference(key, ...parts));
        expect(web.hmacSha256(key, ...parts)).toEqual(reference(key, ...parts));
      }),
    );
  });

  it('is right on both sides of the length where it changes its way', () => {
    for (const keyLength of [0, 63, 64, 65]) {
      for (const length of [0, 4095, 4096, 4097, 20_000]) {
        const key = new Uint8Array(keyLength).fill(0x5c);
        const data = new Uint8Array(length).fill(0x36);
        expect(hmacSha256(key, data)).toEqual(reference(key, data));
      }
    }
  });

  it('keeps nothing of one call for the next', () => {
    const long = hmacSha256(new Uint8Array(64).fill(0xff), new Uint8Array(4000).fill(0xff));
    const empty = hmacSha256(new Uint8Array(), new Uint8Array());
    expect(empty).toEqual(reference(new Uint8Array(), new Uint8Array()));
    expect(long).toEqual(reference(new Uint8Array(64).fill(0xff), new Uint8Array(4000).fill(0xff)));
  });
});
