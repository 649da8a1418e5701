import vectors from '@sealwire/vectors/frames.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import {
  decodeServerFrame,
  defaultLimits,
  encodeServerError,
  encodeServerMessage,
  encodeServerRpc,
  type Layout,
  MessageType,
  type ServerFrame,
} from '../src/index.js';
import { hex, shifted, utf8 } from './support/bytes.js';
import { codeOf } from './support/errors.js';

/** ORDER 7, TIMESTAMP 1.5, JSON `{}`; REQUEST_ID 7, JSON `{}`; the text `no`. */
const rest = {
  message: '00000000000000073ff8000000000000000000027b7d0000',
  rpc: '0000000000000007000000027b7d0000',
  error: '000000026e6f0000',
};
const frames = {
  documented: {
    message: `0000000100000018${rest.message}`,
    rpc: `0000000200000010${rest.rpc}`,
    error: `0000000300000008${rest.error}`,
  },
  deployed: {
    message: `00000001${rest.message}`,
    rpc: `00000002${rest.rpc}`,
    error: `00000003${rest.error}`,
  },
};

function encode(frame: ServerFrame): Uint8Array {
  switch (frame.type) {
    case MessageType.MESSAGE:
      return encodeServerMessage(frame.layout, frame.order, frame.timestamp, frame.json);
    case MessageType.RPC:
      return encodeServerRpc(frame.layout, frame.requestId, frame.json);
    case MessageType.ERROR:
      return encodeServerError(frame.layout, frame.text);
  }
}

function expected(layout: Layout): readonly (readonly [string, ServerFrame])[] {
  const { message, rpc, error } = frames[layout];
  return [
    [message, { layout, type: 1, order: 7n, timestamp: 1.5, json: utf8('{}') }],
    [rpc, { layout, type: 2, requestId: 7n, json: utf8('{}') }],
    [error, { layout, type: 3, text: 'no' }],
  ];
}

describe.each(['documented', 'deployed'] as const)('server frame, %s', (layout) => {
  it.each(expected(layout))('%s is what the table says, both ways', (bytes, frame) => {
    expect(encode(frame)).toEqual(hex(bytes));
    expect(decodeServerFrame(hex(bytes), layout)).toEqual(frame);
    expect(decodeServerFrame(shifted(hex(bytes)), 'auto')).toEqual(frame);
  });

  const own = vectors.filter((vector) => vector.from === 'server' && vector.layout === layout);

  it.each(own.map((vector) => [vector.type, vector.number ?? vector.text, vector] as const))(
    'agrees with the vector %s %s',
    (type, _, vector) => {
      const number = BigInt(vector.number ?? 0);
      const json = utf8(vector.json ?? '');
      const frame: ServerFrame =
        type === 'message'
          ? { layout, type: 1, order: number, timestamp: vector.timestamp ?? Number.NaN, json }
          : type === 'rpc'
            ? { layout, type: 2, requestId: number, json }
            : { layout, type: 3, text: vector.text ?? '' };
      expect(decodeServerFrame(hex(vector.plain), layout)).toEqual(frame);
      expect(decodeServerFrame(hex(vector.plain), 'auto')).toEqual(frame);
      expect(encode(frame)).toEqual(hex(vector.plain));
    },
  );

  it.each(expected(layout))('%s is refused when cut at any byte or followed by one', (bytes) => {
    const whole = hex(bytes);
    for (let length = 0; length < whole.length; length += 1) {
      expect(codeOf(() => decodeServerFrame(whole.subarray(0, length), layout))).toBe('E_MALFORMED');
    }
    for (const named of [layout, 'auto'] as const) {
      expect(codeOf(() => decodeServerFrame(Uint8Array.of(...whole, 0), named))).toBe('E_MALFORMED');
    }
  });

  it('refuses every other type [S58, X3, M8]', () => {
    for (const type of ['00000000', '00000004', '00000005', 'ffffffff', '80000000']) {
      const bytes = hex(`${type}${frames[layout].rpc.slice(8)}`);
      expect(codeOf(() => decodeServerFrame(bytes, layout))).toBe('E_TYPE');
      expect(codeOf(() => decodeServerFrame(bytes, 'auto'))).toBe('E_TYPE');
    }
  });

  it.each([
    ['a quiet NaN', '7ff8000000000000'],
    ['a signalling NaN', '7ff0000000000001'],
    ['a negative NaN', 'fff8000000000000'],
    ['Infinity', '7ff0000000000000'],
    ['-Infinity', 'fff0000000000000'],
  ])('refuses %s as TIMESTAMP [S72, X5]', (_, timestamp) => {
    const bytes = hex(frames[layout].message.replace('3ff8000000000000', timestamp));
    expect(codeOf(() => decodeServerFrame(bytes, layout))).toBe('E_TIMESTAMP');
  });

  it('does not write a TIMESTAMP that is not finite, nor a number that is no HYPER', () => {
    for (const timestamp of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(codeOf(() => encodeServerMessage(layout, 1n, timestamp, utf8('{}')))).toBe('E_TIMESTAMP');
    }
    expect(codeOf(() => encodeServerMessage(layout, 1n << 63n, 1, utf8('{}')))).toBe('E_FIELD');
    expect(codeOf(() => encodeServerRpc(layout, -(1n << 63n) - 1n, utf8('{}')))).toBe('E_FIELD');
  });

  it('does not write beyond 16 MiB', () => {
    expect(codeOf(() => encodeServerRpc(layout, 1n, new Uint8Array(16_777_216)))).toBe('E_LIMIT');
  });

  it('carries any finite TIMESTAMP, before 1970 too', () => {
    for (const timestamp of [-1, -0, 5e-324, Number.MAX_VALUE]) {
      const frame = decodeServerFrame(encodeServerMessage(layout, 1n, timestamp, utf8('{}')), layout);
      expect(frame).toMatchObject({ timestamp });
    }
  });

  it('refuses an ERROR text that is not UTF-8, and keeps a byte order mark', () => {
    const text = (bytes: string) => {
      const error = `00000003${'6e6f0000'}`;
      return hex(layout === 'documented' ? `0000000300000008${bytes}` : `${error.slice(0, 8)}${bytes}`);
    };
    for (const bad of ['00000002c0800000', '00000001ff000000', '00000003eda08000']) {
      expect(codeOf(() => decodeServerFrame(text(bad), layout))).toBe('E_TEXT');
    }
    expect(decodeServerFrame(text('00000003efbbbf00'), layout)).toMatchObject({ text: '\ufeff' });
  });

  it('takes JSON and texts up to their limits', () => {
    const decode = (bytes: string, limits: Partial<typeof defaultLimits>) =>
      codeOf(() => decodeServerFrame(hex(bytes), layout, { ...defaultLimits, ...limits }));
    const { message, rpc, error } = frames[layout];
    expect(decode(message, { json: 1 })).toBe('E_LIMIT');
    expect(decode(rpc, { json: 1 })).toBe('E_LIMIT');
    expect(decode(error, { errorText: 1 })).toBe('E_LIMIT');
    expect(decode(message, { json: 2 })).toBe('nothing');
    expect(decode(rpc, { json: 2 })).toBe('nothing');
    expect(decode(error, { errorText: 2 })).toBe('nothing');
  });
});
