import vectors from '@sealwire/vectors/frames.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import {
  decodeClientFrame,
  defaultLimits,
  encodeClientFrame,
  encodeSignedData,
  type Layout,
  MessageType,
} from '../src/index.js';
import { hex, shifted, utf8 } from './support/bytes.js';
import { codeOf } from './support/errors.js';

const signature = new Uint8Array(5).fill(0xaa);
const padded = `00000005${'aa'.repeat(5)}000000`;
/** MESSAGE 7 with the JSON `{}`. */
const data = {
  documented: '0000000000000007000000027b7d0000',
  deployed: '000000010000000000000007000000027b7d0000',
};
const frame = {
  documented: `${padded}0000000100000010${data.documented}`,
  deployed: `${padded}00000014${data.deployed}`,
};

function message(layout: Layout) {
  return {
    layout,
    type: MessageType.MESSAGE,
    number: 7n,
    json: utf8('{}'),
    data: hex(data[layout]),
    signature,
  };
}

describe.each(['documented', 'deployed'] as const)('client frame, %s', (layout) => {
  it('has the bytes of the table', () => {
    const signed = encodeSignedData(layout, MessageType.MESSAGE, 7n, utf8('{}'));
    expect(signed).toEqual(hex(data[layout]));
    expect(encodeClientFrame(layout, MessageType.MESSAGE, signed, signature)).toEqual(hex(frame[layout]));
  });

  it('is read with its layout named or not, wherever its buffer starts', () => {
    expect(decodeClientFrame(hex(frame[layout]), layout)).toEqual(message(layout));
    expect(decodeClientFrame(shifted(hex(frame[layout])), 'auto')).toEqual(message(layout));
  });

  const own = vectors.filter((vector) => vector.from === 'client' && vector.layout === layout);

  it.each(own.map((vector) => [vector.type, vector.number, vector] as const))(
    'agrees with the vector %s %s',
    (name, number, vector) => {
      const plain = hex(vector.plain);
      const type = name === 'rpc' ? MessageType.RPC : MessageType.MESSAGE;
      for (const named of [layout, 'auto'] as const) {
        const decoded = decodeClientFrame(plain, named);
        expect(decoded).toMatchObject({
          layout,
          type,
          number: BigInt(number ?? ''),
          json: utf8(vector.json ?? ''),
        });
        const signed = encodeSignedData(layout, decoded.type, decoded.number, decoded.json);
        expect(signed).toEqual(decoded.data);
        expect(encodeClientFrame(layout, decoded.type, signed, decoded.signature)).toEqual(plain);
      }
    },
  );

  it('is refused when cut at any byte or followed by one', () => {
    const whole = hex(frame[layout]);
    for (const named of [layout, 'auto'] as const) {
      for (let length = 0; length < whole.length; length += 1) {
        expect(codeOf(() => decodeClientFrame(whole.subarray(0, length), named))).toBe('E_MALFORMED');
      }
      expect(codeOf(() => decodeClientFrame(Uint8Array.of(...whole, 0), named))).toBe('E_MALFORMED');
    }
  });

  it('refuses every type but MESSAGE and RPC [S58]', () => {
    for (const type of ['00000000', '00000003', '00000004', 'ffffffff', '80000000']) {
      const text =
        layout === 'documented'
          ? `${padded}${type}00000010${data.documented}`
          : `${padded}00000014${type}${data.deployed.slice(8)}`;
      expect(codeOf(() => decodeClientFrame(hex(text), layout))).toBe('E_TYPE');
      expect(codeOf(() => decodeClientFrame(hex(text), 'auto'))).not.toBe('nothing');
    }
  });

  it('refuses bytes after the JSON inside the signed data', () => {
    const text =
      layout === 'documented'
        ? `${padded}0000000100000014${data.documented}00000000`
        : `${padded}00000018${data.deployed}00000000`;
    expect(codeOf(() => decodeClientFrame(hex(text), layout))).toBe('E_MALFORMED');
  });

  it('takes a signature and JSON up to their limits', () => {
    const decode = (limits: Partial<typeof defaultLimits>) =>
      codeOf(() => decodeClientFrame(hex(frame[layout]), layout, { ...defaultLimits, ...limits }));
    expect(decode({ signature: 4 })).toBe('E_LIMIT');
    expect(decode({ json: 1 })).toBe('E_LIMIT');
    expect(decode({ signature: 5, json: 2 })).toBe('nothing');
  });

  it('is not written with a number that is no HYPER', () => {
    expect(codeOf(() => encodeSignedData(layout, MessageType.RPC, 1n << 63n, utf8('{}')))).toBe('E_FIELD');
  });

  it('is not written beyond 16 MiB', () => {
    const json = new Uint8Array(16_777_216);
    expect(codeOf(() => encodeSignedData(layout, MessageType.RPC, 1n, json))).toBe('E_LIMIT');
    expect(codeOf(() => encodeClientFrame(layout, MessageType.RPC, json, signature))).toBe('E_LIMIT');
  });
});

describe('client frame of a layout that is not known', () => {
  it.each([
    ['00000000', 'E_TYPE'],
    ['00000003', 'E_TYPE'],
    ['0000000f', 'E_TYPE'],
    ['00000010', 'E_MALFORMED'],
    ['7fffffff', 'E_LIMIT'],
    ['80000000', 'E_LIMIT'],
    ['ffffffff', 'E_LIMIT'],
  ])('with the word %s after the signature ends with %s', (word, code) => {
    expect(codeOf(() => decodeClientFrame(hex(`${padded}${word}`), 'auto'))).toBe(code);
  });

  it('is deployed from a body of 16 bytes on, which is the smallest', () => {
    const smallest = hex(`${padded}0000001000000002${'00'.repeat(8)}00000000`);
    expect(decodeClientFrame(smallest, 'auto')).toMatchObject({ layout: 'deployed', number: 0n, type: 2 });
    expect(smallest.length).toBe(12 + 4 + 16);
  });

  it('refuses lengths beyond the end before it allocates [S60]', () => {
    for (const length of ['80000000', 'ffffffff']) {
      expect(codeOf(() => decodeClientFrame(hex(`${length}00`), 'auto'))).toBe('E_LIMIT');
    }
    expect(codeOf(() => decodeClientFrame(hex('00000006aaaaaaaa'), 'auto'))).toBe('E_MALFORMED');
  });

  it('holds views, so that what is verified is what came', () => {
    const plaintext = hex(frame.documented);
    const decoded = decodeClientFrame(plaintext, 'auto');
    for (const view of [decoded.data, decoded.json, decoded.signature]) {
      expect(view.buffer).toBe(plaintext.buffer);
    }
  });
});
