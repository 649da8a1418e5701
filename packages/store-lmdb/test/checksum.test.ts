import { expect, it } from 'vitest';
import { checksum, seedOf } from '../src/checksum.js';

const bytes = (text: string) => new TextEncoder().encode(text);

it('is the CRC-32 of ISO 3309', () => {
  expect(checksum(bytes('123456789'))).toBe(0xcbf43926);
  expect(checksum(bytes('The quick brown fox jumps over the lazy dog'))).toBe(0x414fa339);
  expect(checksum(new Uint8Array(0))).toBe(0);
  expect(checksum(new Uint8Array(32))).toBe(0x190a55ad);
});

it('goes on from the checksum of what came before', () => {
  expect(checksum(bytes('6789'), checksum(bytes('12345')))).toBe(0xcbf43926);
});

it('differs for the same bytes under another number or another client', () => {
  const seeds = [
    seedOf(0, 0, 1),
    seedOf(0, 0, 2),
    seedOf(0, 1, 0x80000001),
    seedOf(checksum(bytes('a')), 0, 1),
    seedOf(checksum(bytes('b')), 0, 1),
  ];
  const sums = seeds.map((seed) => checksum(bytes('the same'), seed));
  expect(new Set(sums).size).toBe(seeds.length);
});
