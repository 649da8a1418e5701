import refused from '@sealwire/vectors/refused.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import {
  decodeClientFrame,
  decodeHello,
  decodeServerFrame,
  decodeWelcome,
  encodeClientFrame,
  encodeServerMessage,
  encodeSignedData,
  FramingError,
  type FramingErrorCode,
} from '../src/index.js';
import { hex, utf8 } from './support/bytes.js';
import { codeOf } from './support/errors.js';

/** The plaintext of a sealed frame, where its padding lets it be opened. */
async function opened(frame: Uint8Array, key: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    const aes = await crypto.subtle.importKey('raw', key.slice(), 'AES-CBC', false, ['decrypt']);
    const algorithm = { name: 'AES-CBC', iv: frame.slice(0, 16) };
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, aes, frame.slice(16)));
  } catch {
    return undefined;
  }
}

/** The faults of the vectors that lie in the plaintext. All others are in the sealing, the signature or the JSON. */
const faults: Record<string, FramingErrorCode> = {
  'message type 0': 'E_TYPE',
  'message type 3': 'E_TYPE',
  'bytes after the last field': 'E_MALFORMED',
  'bytes after the last field of DATA': 'E_MALFORMED',
  'XDR padding byte not zero': 'E_MALFORMED',
  'opaque length 2^32-1': 'E_LIMIT',
  'message type 4': 'E_TYPE',
  'MESSAGE without timestamp': 'E_MALFORMED',
  'cut in the middle of DATA': 'E_MALFORMED',
  'timestamp NaN': 'E_TIMESTAMP',
};

describe('refused vectors', () => {
  it.each(refused.map((vector) => [vector.from, vector.fault, vector] as const))(
    '%s, %s',
    async (from, fault, vector) => {
      const plaintext = await opened(hex(vector.frame), hex(vector.aesKey));
      const decode = from === 'client' ? decodeClientFrame : decodeServerFrame;
      const codes = (['documented', 'auto'] as const).map((layout) =>
        plaintext === undefined ? 'sealed badly' : codeOf(() => decode(plaintext, layout)),
      );
      const expected = faults[fault] ?? (plaintext === undefined ? 'sealed badly' : 'nothing');
      expect(codes).toEqual([expected, fault === 'message type 4' ? 'E_TYPE' : expected]);
    },
  );

  it('hold every fault that is listed here', () => {
    const present = new Set(refused.map((vector) => vector.fault));
    expect(Object.keys(faults).filter((fault) => !present.has(fault))).toEqual([]);
  });
});

describe('decoding', () => {
  it('throws nothing but FramingError for 100,000 random and altered buffers', () => {
    const data = encodeSignedData('deployed', 1, 3n, utf8('{"a":1}'));
    const seeds = [
      encodeClientFrame('deployed', 1, data, new Uint8Array(8)),
      encodeClientFrame('documented', 2, data.subarray(4), new Uint8Array(8)),
      encodeServerMessage('documented', 3n, 4, utf8('{"a":1}')),
      encodeServerMessage('deployed', 3n, 4, utf8('{"a":1}')),
      hex(`0000000461626364${'00'.repeat(8)}00000004${'07'.repeat(4)}`),
    ];
    const random = xorshift(0x5ea1);
    const outcomes = { read: 0, refused: 0 };
    for (let run = 0; run < 100_000; run += 1) {
      const seed = seeds[random() % seeds.length] ?? data;
      const buffer =
        run % 2 === 0
          ? randomBytes(random() % 64, random)
          : seed.slice(0, seed.length - (random() % 8 ? 0 : 4));
      for (let flips = random() % 3; flips > 0; flips -= 1) buffer[random() % (buffer.length + 1)] = random();
      const decode = decoders[run % decoders.length] ?? decodeHello;
      outcomes[attempt(() => decode(buffer))] += 1;
    }
    expect(outcomes.read).toBeGreaterThan(5_000);
    expect(outcomes.refused).toBeGreaterThan(50_000);
  });

  it('keeps the cause and tells no content', () => {
    const secret = utf8('secretsecret');
    try {
      decodeHello(encodeClientFrame('documented', 1, secret, secret));
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(FramingError);
      expect(error).toMatchObject({ name: 'FramingError', cause: { name: 'XdrError' } });
      expect(String(error)).not.toContain('secret');
    }
  });

  it('leaves to the cause what the cause says, for those who print both', () => {
    expect(() => decodeHello(Uint8Array.of(0, 0, 0))).toThrow(
      expect.objectContaining({
        message: expect.not.stringContaining('byte'),
        cause: expect.objectContaining({ message: expect.stringContaining('(byte 0)') }),
      }),
    );
  });
});

const decoders: readonly ((bytes: Uint8Array) => unknown)[] = [
  (bytes) => decodeClientFrame(bytes, 'documented'),
  (bytes) => decodeClientFrame(bytes, 'deployed'),
  (bytes) => decodeClientFrame(bytes, 'auto'),
  (bytes) => decodeServerFrame(bytes, 'documented'),
  (bytes) => decodeServerFrame(bytes, 'deployed'),
  (bytes) => decodeServerFrame(bytes, 'auto'),
  (bytes) => decodeHello(bytes, { version: true }),
  (bytes) => decodeWelcome(bytes),
];

function attempt(call: () => unknown): 'read' | 'refused' {
  return codeOf(call) === 'nothing' ? 'read' : 'refused';
}

function randomBytes(length: number, random: () => number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) =>
    index % 4 === 3 ? random() % 24 : random() % 5 ? 0 : random(),
  );
}

/** Marsaglia's xorshift32: the same buffers in every run. */
function xorshift(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}
