import { describe, expect, it } from 'vitest';
import { checkClose, isCloseCode } from '../src/index.js';

describe('close codes', () => {
  it('are those that a close frame may carry', () => {
    const sendable = Array.from({ length: 6_000 }, (_, code) => code).filter(isCloseCode);
    expect(sendable.slice(0, 12)).toEqual([
      1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014,
    ]);
    expect(sendable.slice(12)).toEqual(Array.from({ length: 2_000 }, (_, i) => 3_000 + i));
  });

  it('keep their reason within 123 bytes, between two characters', () => {
    expect(checkClose(1000, 'a'.repeat(123))).toBe('a'.repeat(123));
    expect(checkClose(1000, 'a'.repeat(124))).toBe('a'.repeat(123));
    expect(checkClose(1000, '😀'.repeat(50))).toBe('😀'.repeat(30));
  });
});
