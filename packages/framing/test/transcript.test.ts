import hardening from '@sealwire/vectors/hardening.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import { encodeTranscript } from '../src/index.js';
import { hex } from './support/bytes.js';
import { codeOf } from './support/errors.js';

const spkis = new Map(hardening.spki.map(({ key, spki }) => [key, hex(spki)]));

function transcriptOf(vector: (typeof hardening.bound)[number]) {
  return {
    context: hex(vector.context),
    clientId: hex(vector.clientId),
    lastSeenOrder: BigInt(vector.lastSeenOrder),
    head: hex(vector.dataToSign).subarray(0, 40),
    lastSeenSequence: BigInt(vector.lastSeenSequence),
    serverSpki: spkis.get(vector.serverKey) ?? new Uint8Array(0),
    clientSpki: spkis.get(vector.clientKey) ?? new Uint8Array(0),
  };
}

describe('transcript', () => {
  it.each(hardening.bound.map((vector) => [vector.serverKey, vector.clientKey, vector] as const))(
    'agrees with the vector of %s and %s',
    (_server, _client, vector) => {
      expect(encodeTranscript(transcriptOf(vector))).toEqual(hex(vector.T));
    },
  );

  it('refuses what it cannot hold', () => {
    const [vector] = hardening.bound;
    if (vector === undefined) throw new Error('there are no vectors');
    const transcript = transcriptOf(vector);
    expect(codeOf(() => encodeTranscript({ ...transcript, lastSeenOrder: 1n << 63n }))).toBe('E_FIELD');
    expect(codeOf(() => encodeTranscript({ ...transcript, context: new Uint8Array(2 ** 24) }))).toBe(
      'E_LIMIT',
    );
  });
});
