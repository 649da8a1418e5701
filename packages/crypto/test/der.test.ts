import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readElements, readOne, readUnsigned, Tag, writeElement, writeUnsigned } from '../src/der.js';
import { hex, toHex } from './backends.js';

describe('DER', () => {
  it.each([
    [0, '0400'],
    [1, '0401'],
    [127, '047f'],
    [128, '048180'],
    [255, '0481ff'],
    [256, '04820100'],
    [65_536, '0483010000'],
  ])('writes the length %i as %s', (length, head) => {
    const element = writeElement(Tag.octetString, new Uint8Array(length));
    expect(toHex(element.subarray(0, head.length / 2))).toBe(head);
    expect(readOne(element, Tag.octetString).length).toBe(length);
  });

  it('writes integers with a sign byte where one is needed', () => {
    expect(toHex(writeUnsigned(hex('7f')))).toBe('02017f');
    expect(toHex(writeUnsigned(hex('80')))).toBe('02020080');
    expect(toHex(writeUnsigned(hex('00')))).toBe('020100');
  });

  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (contents) => {
        const written = writeElement(Tag.sequence, ...contents.map((c) => writeElement(Tag.octetString, c)));
        const read = readElements(readOne(written, Tag.sequence));
        expect(read.map(({ content }) => toHex(content))).toEqual(contents.map(toHex));
      }),
    );
  });

  it.each([
    ['a tag alone', '30'],
    ['a length beyond the end', '300102'.slice(0, 4)],
    ['an indefinite length', '30800000'],
    ['a length of four bytes', '30840000000000'],
    ['a length cut short', '3082ff'],
    ['a long length for a short content', `3081${'7f'}${'00'.repeat(127)}`],
    ['a length with a leading zero', `308200ff${'00'.repeat(255)}`],
    ['a tag of two bytes', '1f8100'],
  ])('refuses %s', (_, bytes) => {
    expect(() => readElements(hex(bytes))).toThrow(expect.objectContaining({ code: 'E_KEY_FORMAT' }));
  });

  it.each([
    ['another element after it', '04000400', Tag.octetString],
    ['another tag', '0400', Tag.sequence],
    ['nothing', '', Tag.sequence],
  ])('expects one element and refuses %s', (_, bytes, tag) => {
    expect(() => readOne(hex(bytes), tag)).toThrow(expect.objectContaining({ code: 'E_KEY_FORMAT' }));
  });

  it.each([
    ['no content', '0200'],
    ['a negative integer', '0180'.replace('01', '0201')],
    ['a sign byte that is not needed', '0202007f'],
    ['another type', '0401ff'],
  ])('refuses as an unsigned integer: %s', (_, bytes) => {
    expect(() => readUnsigned(readElements(hex(bytes))[0])).toThrow(
      expect.objectContaining({ code: 'E_KEY_FORMAT' }),
    );
  });

  it('takes no more elements than any key has', () => {
    expect(readElements(new Uint8Array(2 * 16).fill(0))).toHaveLength(16);
    expect(() => readElements(new Uint8Array(2 * 17).fill(0))).toThrow(
      expect.objectContaining({ code: 'E_KEY_FORMAT', message: expect.stringContaining('16 elements') }),
    );
  });

  it('never fails in any other way, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          readElements(bytes).map(readUnsigned);
        } catch (error) {
          expect(error).toMatchObject({ code: 'E_KEY_FORMAT' });
        }
      }),
    );
  });
});
