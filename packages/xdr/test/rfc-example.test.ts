import { describe, expect, it } from 'vitest';
import {
  decode,
  encode,
  enumeration,
  type Infer,
  string,
  struct,
  union,
  varOpaque,
  voidType,
} from '../src/index.js';

// RFC 4506 section 7, the description of a file and the bytes of John's lisp program.
const fileKind = enumeration({ text: 0, data: 1, exec: 2 });
const fileType = union(fileKind, { text: voidType, data: string(255), exec: string(255) });
const file = struct({
  filename: string(255),
  type: fileType,
  owner: string(32),
  data: varOpaque(65535),
});

const bytes = Uint8Array.of(
  ...[0x00, 0x00, 0x00, 0x09],
  ...[0x73, 0x69, 0x6c, 0x6c, 0x79, 0x70, 0x72, 0x6f, 0x67, 0x00, 0x00, 0x00], // sillyprog
  ...[0x00, 0x00, 0x00, 0x02], // EXEC
  ...[0x00, 0x00, 0x00, 0x04, 0x6c, 0x69, 0x73, 0x70], // lisp
  ...[0x00, 0x00, 0x00, 0x04, 0x6a, 0x6f, 0x68, 0x6e], // john
  ...[0x00, 0x00, 0x00, 0x06, 0x28, 0x71, 0x75, 0x69, 0x74, 0x29, 0x00, 0x00], // (quit)
);

const value: Infer<typeof file> = {
  filename: 'sillyprog',
  type: { type: 'exec', value: 'lisp' },
  owner: 'john',
  data: new TextEncoder().encode('(quit)'),
};

describe('the example file of RFC 4506', () => {
  it('encodes to the bytes of the RFC', () => {
    expect(encode(file, value)).toEqual(bytes);
  });

  it('decodes from the bytes of the RFC', () => {
    expect(decode(file, bytes)).toEqual(value);
  });

  it('has 48 bytes', () => {
    expect(bytes).toHaveLength(48);
  });
});
