import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorText, maxErrorTextBytes } from '../src/index.js';
import { utf8 } from './support/bytes.js';

describe('errorText', () => {
  it.each([
    ['plain text, ümläut ☃ 🚀', 'plain text, ümläut ☃ 🚀'],
    ['\u001b[31mred', '\\u001b[31mred'],
    ['a\r\nb\0c\td', 'a\\u000d\\u000ab\\u0000c\\u0009d'],
    ['\u007f\u0085\u009b', '\\u007f\\u0085\\u009b'],
    ['\u202egnp.exe', '\\u202egnp.exe'],
    ['\ufeffx\u200b\u2028\u2029', '\\ufeffx\\u200b\\u2028\\u2029'],
    ['\ud800x', '\ufffdx'],
    ['', ''],
  ])('makes %j into %j [S65]', (text, safe) => {
    expect(errorText(text)).toBe(safe);
  });

  it('is at most 4 KiB of UTF-8 and cuts no character', () => {
    expect(maxErrorTextBytes).toBe(4_096);
    expect(errorText('x'.repeat(4_096))).toBe('x'.repeat(4_096));
    expect(errorText('x'.repeat(4_097))).toBe('x'.repeat(4_096));
    expect(errorText(`x${'é'.repeat(4_096)}`)).toBe(`x${'é'.repeat(2_047)}`);
    expect(errorText(`${'x'.repeat(4_095)}🚀`)).toBe('x'.repeat(4_095));
    expect(errorText('🚀'.repeat(2_000_000))).toBe('🚀'.repeat(1_024));
  });

  it('changes nothing when it is applied again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 5_000, size: 'max' }), (text) => {
        const safe = errorText(text);
        expect(utf8(safe).length).toBeLessThanOrEqual(4_096);
        expect(safe).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
        expect(errorText(safe)).toBe(safe);
      }),
      { numRuns: 30 },
    );
  });
});
