import { describe, expect, it } from 'vitest';
import { Reader, Writer } from '../src/index.js';
import { expectRefusal, hex, untyped } from './support.js';

describe('Writer', () => {
  it('counts what it wrote', () => {
    const writer = new Writer();
    expect(writer.position).toBe(0);
    writer.uint32(1);
    writer.varOpaque(hex('0a'));
    expect(writer.position).toBe(12);
    expect(writer.bytes()).toEqual(hex('00000001 00000001 0a000000'));
  });

  it('starts again after reset, and pads with zeros over what was there', () => {
    const writer = new Writer({ capacity: 8 });
    writer.opaque(hex('ffffffffffffffff'));
    writer.reset();
    writer.opaque(hex('01'));
    expect(writer.bytes()).toEqual(hex('01000000'));
  });

  it('goes back to an earlier position, also in a target with an offset, and to no other', () => {
    const writer = new Writer({ target: new Uint8Array(12), offset: 4 });
    writer.uint32(1);
    const { position } = writer;
    writer.uint32(2);
    writer.reset(position);
    expectRefusal(() => writer.reset(8), 'E_OPTION');
    expectRefusal(() => writer.reset(-1), 'E_OPTION');
    writer.uint32(3);
    expect(writer.bytes()).toEqual(hex('00000001 00000003'));
  });

  it('keeps what it wrote when it grows', () => {
    const writer = new Writer({ capacity: 1 });
    for (let i = 0; i < 1000; i += 1) writer.uint32(i);
    const reader = new Reader(writer.bytes());
    for (let i = 0; i < 1000; i += 1) expect(reader.uint32()).toBe(i);
    reader.end();
  });

  it('fills in the length of a section, also of one within another', () => {
    const writer = new Writer({ capacity: 4 });
    const outer = writer.openOpaque();
    writer.uint32(7);
    const inner = writer.openOpaque();
    writer.string('ab');
    writer.closeOpaque(inner);
    writer.closeOpaque(outer);
    expect(writer.bytes()).toEqual(hex('00000010 00000007 00000008 00000002 61620000'));
  });

  it('fills in the length of a section in a target with an offset', () => {
    const target = new Uint8Array(16).fill(0xff);
    const writer = new Writer({ target, offset: 4 });
    const mark = writer.openOpaque();
    writer.uint32(7);
    writer.closeOpaque(mark);
    expect(target).toEqual(hex('ffffffff 00000004 00000007 ffffffff'));
    expect(writer.bytes().buffer).toBe(target.buffer);
  });

  it('refuses a mark that openOpaque did not give', () => {
    for (const mark of [0, 8, -1, Number.NaN]) {
      const writer = new Writer();
      writer.uint32(1);
      expectRefusal(() => writer.closeOpaque(mark), 'E_OPTION');
    }
  });

  it('refuses options that contradict each other', () => {
    const target = new Uint8Array(4);
    expectRefusal(() => new Writer({ target, capacity: 4 }), 'E_OPTION');
    expectRefusal(() => new Writer({ target, maxBytes: 4 }), 'E_OPTION');
    expectRefusal(() => new Writer({ offset: 4 }), 'E_OPTION');
    expectRefusal(() => new Writer({ target, offset: 5 }), 'E_OPTION');
    expectRefusal(() => new Writer({ target: untyped('abcd') }), 'E_OPTION');
  });

  it.each(['capacity', 'maxBytes', 'maxDepth'])('refuses a %s that is no size', (name) => {
    for (const size of [-1, 0.5, Number.NaN, 2 ** 32, '1']) {
      expectRefusal(() => new Writer({ [name]: untyped(size) }), 'E_OPTION');
    }
  });
});

describe('Reader', () => {
  it('counts what it read and what is left', () => {
    const reader = new Reader(hex('00000001 0000000000000002'));
    expect(reader.int32()).toBe(1);
    expect([reader.position, reader.remaining]).toEqual([4, 8]);
    expect(reader.uint64()).toBe(2n);
    reader.end();
  });

  it('enters a section, whose end then is the end', () => {
    const reader = new Reader(hex('00000004 00000007 00000001'));
    const outer = reader.openOpaque();
    expect(reader.remaining).toBe(4);
    expect(reader.uint32()).toBe(7);
    expectRefusal(() => reader.uint32(), 'E_TRUNCATED', '', 8);
    reader.closeOpaque(outer);
    expect(reader.uint32()).toBe(1);
    reader.end();
  });

  it('refuses to leave a section that is not read to its end', () => {
    const reader = new Reader(hex('00000008 00000007 00000001'));
    const outer = reader.openOpaque();
    reader.uint32();
    expectRefusal(() => reader.closeOpaque(outer), 'E_TRAILING', '', 8);
  });

  it('refuses a section longer than the one around it', () => {
    const reader = new Reader(hex('00000008 00000008 00000001 00000002'));
    reader.openOpaque();
    expectRefusal(() => reader.openOpaque(), 'E_TRUNCATED', '', 4);
  });

  it('refuses a mark that openOpaque did not give', () => {
    for (const mark of [9, -1, Number.NaN]) {
      const reader = new Reader(hex('00000004 00000001'));
      reader.openOpaque();
      reader.uint32();
      expectRefusal(() => reader.closeOpaque(mark), 'E_OPTION');
    }
  });

  it.each(['maxBytes', 'maxDepth'])('refuses a %s that is no size', (name) => {
    for (const size of [-1, 0.5, Number.NaN, 2 ** 32, '1']) {
      expectRefusal(() => new Reader(hex(''), { [name]: untyped(size) }), 'E_OPTION');
    }
  });
});
