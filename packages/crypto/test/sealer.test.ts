import { createCipheriv, createDecipheriv } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CbcEncryptor } from '../src/backend.js';
import { CryptoError } from '../src/errors.js';
import { crypto as node } from '../src/node/index.js';
import { FrameSealer } from '../src/sealer.js';
import { crypto as web } from '../src/web/index.js';
import { toHex } from './backends.js';

const key = Uint8Array.from({ length: 32 }, (_, i) => i);

/** One cipher object for each frame, padding left to OpenSSL: nothing of the code under test. */
function openAlone(frame: Uint8Array): Uint8Array {
  const decipher = createDecipheriv('aes-256-cbc', key, frame.subarray(0, 16));
  return new Uint8Array(Buffer.concat([decipher.update(frame.subarray(16)), decipher.final()]));
}

function sealAlone(plaintext: Uint8Array, iv: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  return new Uint8Array(Buffer.concat([iv, cipher.update(plaintext), cipher.final()]));
}

const plaintexts = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 });
const ivs = fc.uint8Array({ minLength: 16, maxLength: 16 });

describe('the long-lived ciphers of Node', () => {
  it('seal frames that stand alone', () => {
    const sealer = node.createSealer(key);
    fc.assert(
      fc.property(plaintexts, (batch) => {
        expect(sealer.sealBatch(batch).map(openAlone)).toEqual(batch);
        for (const plaintext of batch) expect(openAlone(sealer.seal(plaintext))).toEqual(plaintext);
      }),
    );
  });

  it('seal with any IV as a cipher of its own would, alone and in batches, after whatever came before', () => {
    const sealer = node.createSealer(key);
    fc.assert(
      fc.property(plaintexts, ivs, (batch, iv) => {
        const expected = batch.map((plaintext) => sealAlone(plaintext, iv));
        expect(sealer.sealDerivedBatch(batch, () => iv)).toEqual(expected);
        expect(batch.map((plaintext) => sealer.sealWithIv(plaintext, iv))).toEqual(expected);
        sealer.seal(iv);
      }),
    );
  });

  it('open frames that were sealed alone', () => {
    const opener = node.createOpener(key);
    fc.assert(
      fc.property(plaintexts, ivs, (batch, iv) => {
        const frames = batch.map((plaintext) => sealAlone(plaintext, iv));
        expect(opener.openBatch(frames)).toEqual(batch);
        expect(frames.map((frame) => opener.open(frame))).toEqual(batch);
      }),
    );
  });

  it('give plain Uint8Arrays, on which slice() copies', () => {
    const frame = node.createSealer(key).seal(key);
    expect(frame.constructor).toBe(Uint8Array);
    expect(node.createOpener(key).open(frame).constructor).toBe(Uint8Array);
  });

  it('are not disturbed by a caller who writes into what was returned', () => {
    const sealer = node.createSealer(key);
    const opener = node.createOpener(key);
    for (const iv of [key.subarray(0, 16), key.subarray(16)]) {
      sealer.sealWithIv(key, iv).fill(0);
      sealer.seal(key).fill(0);
      expect(sealer.sealWithIv(key, iv)).toEqual(sealAlone(key, iv));
      opener.open(sealer.seal(key)).fill(0);
      expect(opener.open(sealer.seal(key))).toEqual(key);
    }
  });

  it('show nothing of their key when they are printed [S83]', () => {
    const secret = new Uint8Array(32).fill(0xab, 1);
    const parts = [node.createSealer(secret), node.createOpener(secret)];
    for (const part of parts) {
      expect(inspect(part, { showHidden: true, depth: 9 })).not.toMatch(/171|ab,? ?ab/);
      expect(JSON.stringify(part)).toBe('{}');
    }
  });

  it('keep D(IV) and the random block to themselves', () => {
    const opened = node.createOpener(key).open(sealAlone(key, key.subarray(0, 16)));
    expect(toHex(new Uint8Array(opened.buffer, 0, 16))).toBe('00'.repeat(16));
  });
});

// The portable back end seals with the code of web.
describe.each([node, web])('sealed frames, $backend back end', (crypto) => {
  it('have 100,000 different IVs [S47]', () => {
    const sealer = crypto.createSealer(key);
    const seen = new Set<string>();
    const batch = new Array<Uint8Array>(64).fill(new Uint8Array(1));
    const read = (frame: Uint8Array) => seen.add(Buffer.from(frame.subarray(0, 16)).toString('latin1'));
    const singles = crypto === node ? 36_000 : 4_000;
    const batches = (100_000 - singles) / 64;
    for (let i = 0; i < singles; i++) read(sealer.seal(key));
    for (let i = 0; i < batches; i++) sealer.sealBatch(batch).forEach(read);
    expect(seen.size).toBe(100_000);
  });

  it('have IVs whose every bit is set about half the time', () => {
    const frames = crypto.createSealer(key).sealBatch(new Array<Uint8Array>(2000).fill(key));
    for (let bit = 0; bit < 128; bit++) {
      const set = frames.filter((frame) => ((frame[bit >> 3] ?? 0) >> (bit & 7)) & 1).length;
      // Seven standard deviations.
      expect(Math.abs(set - 1000)).toBeLessThan(157);
    }
  });

  it('never open after one bit of padding length was changed in the last block but one', () => {
    const frame = crypto.createSealer(key).seal(new Uint8Array(16));
    for (let bit = 0; bit < 8; bit++) {
      const altered = frame.slice();
      altered[31]! ^= 1 << bit;
      expect(() => crypto.createOpener(key).open(altered)).toThrow(
        expect.objectContaining({ code: 'E_OPEN' }),
      );
    }
  });
});

describe('web and node', () => {
  it('open what the other sealed', () => {
    fc.assert(
      fc.property(plaintexts, (batch) => {
        expect(node.createOpener(key).openBatch(web.createSealer(key).sealBatch(batch))).toEqual(batch);
        expect(web.createOpener(key).openBatch(node.createSealer(key).sealBatch(batch))).toEqual(batch);
      }),
    );
  });
});

describe('a sealer', () => {
  const encryptor: CbcEncryptor = { encrypt: (laidOut) => laidOut, encryptWithIvs: (laidOut) => laidOut };
  const noRandom = {
    bytes: () => new Uint8Array(),
    fill() {
      throw new CryptoError('E_NO_RANDOM', 'none');
    },
  };

  it('makes no cipher before its first frame, and one only', () => {
    let made = 0;
    const create = () => {
      made++;
      return encryptor;
    };
    const sealer = new FrameSealer(key, {}, create, { ...noRandom, fill: () => {} });
    expect(made).toBe(0);
    sealer.seal(key);
    sealer.sealBatch([key]);
    sealer.sealWithIv(key, key.subarray(16));
    expect(made).toBe(1);
  });

  it('makes no frame without randomness [S47]', () => {
    let encrypted = 0;
    const counting = { ...encryptor, encrypt: (laidOut: Uint8Array) => laidOut.fill(encrypted++) };
    const sealer = new FrameSealer(key, {}, () => counting, noRandom);
    expect(() => sealer.seal(key)).toThrow(expect.objectContaining({ code: 'E_NO_RANDOM' }));
    expect(() => sealer.sealBatch([key])).toThrow(expect.objectContaining({ code: 'E_NO_RANDOM' }));
    expect(encrypted).toBe(0);
  });

  it('wipes its copy of the plaintext', () => {
    const seen: Uint8Array[] = [];
    const keep = (laidOut: Uint8Array) => {
      seen.push(laidOut);
      return laidOut.slice();
    };
    const keeping: CbcEncryptor = { encrypt: keep, encryptWithIvs: keep };
    const sealer = new FrameSealer(key, {}, () => keeping, { ...noRandom, fill: () => {} });
    sealer.seal(key);
    sealer.sealWithIv(key, key.subarray(16));
    expect(seen.map(toHex)).toEqual(['00'.repeat(64), '00'.repeat(64)]);
  });
});
