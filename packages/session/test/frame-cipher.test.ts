import { crypto } from '@sealwire/crypto';
import hardening from '@sealwire/vectors/hardening.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import { syntheticOpener, syntheticSealer } from '../src/frame-cipher.js';
import { hex, utf8 } from './support/bytes.js';

const aesKey = crypto.sha256(utf8('an AES key'));
const macKey = crypto.sha256(utf8('a MAC key'));
const failure = expect.objectContaining({ code: 'E_OPEN' });

function sealer(first = 0n) {
  return syntheticSealer(crypto, crypto.createSealer(aesKey), macKey, first);
}

function opener(first = 0n) {
  return syntheticOpener(crypto, crypto.createOpener(aesKey), macKey, first);
}

describe('frames with synthetic IVs', () => {
  it.each(hardening.frames)('agree with the vector of number $number', (vector) => {
    const { aesKey: key, macKey: mac, number, plain, frame } = vector;
    const seal = syntheticSealer(crypto, crypto.createSealer(hex(key)), hex(mac), BigInt(number));
    expect(seal.sealBatch([hex(plain)])).toEqual([hex(frame)]);
    const open = syntheticOpener(crypto, crypto.createOpener(hex(key)), hex(mac), BigInt(number));
    expect(open.open(hex(frame))).toEqual(hex(plain));
  });

  it.each(hardening.framesRefused)('refuse the vector: $fault [S48, S49]', (vector) => {
    const { aesKey: key, macKey: mac, number, frame } = vector;
    const open = syntheticOpener(crypto, crypto.createOpener(hex(key)), hex(mac), BigInt(number));
    expect(() => open.open(hex(frame))).toThrow(failure);
    expect(() => open.open(hex(frame))).toThrow(failure);
  });

  it('count on from batch to batch, on both sides', () => {
    const plaintexts = ['', 'one', 'two', 'two', 'a longer one of more than a block'].map(utf8);
    const seal = sealer();
    const frames = [
      ...seal.sealBatch(plaintexts.slice(0, 2)),
      ...seal.sealBatch([]),
      ...seal.sealBatch(plaintexts.slice(2)),
    ];
    const open = opener();
    expect(frames.map((frame) => open.open(frame))).toEqual(plaintexts);
    // Equal plaintexts do not show as equal.
    expect(frames[2]).not.toEqual(frames[3]);
  });

  it.each([
    ['repeated', [0, 0]],
    ['left out', [1]],
    ['swapped', [1, 0]],
  ] as const)('refuse a frame that is %s [S53]', (_, order) => {
    const frames = sealer().sealBatch(['zero', 'one'].map(utf8));
    const open = opener();
    expect(() => {
      for (const index of order) open.open(frames[index] ?? new Uint8Array(0));
    }).toThrow(failure);
  });

  it('refuse every flipped bit of a frame [S55, S56]', () => {
    const [frame = new Uint8Array(0)] = sealer().sealBatch([utf8('{"@type":"CancelAllOrders"}')]);
    for (let bit = 0; bit < frame.length * 8; bit += 1) {
      const flipped = Uint8Array.from(frame);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
      expect(() => opener().open(flipped)).toThrow(failure);
    }
    expect(opener().open(frame)).toEqual(utf8('{"@type":"CancelAllOrders"}'));
  });

  it('say nothing after their keys are dropped', () => {
    const seal = sealer();
    seal.destroy();
    expect(() => seal.sealBatch([utf8('x')])).toThrow(expect.objectContaining({ code: 'E_DESTROYED' }));
  });
});
