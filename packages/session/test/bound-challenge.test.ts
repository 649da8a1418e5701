import { crypto } from '@sealwire/crypto';
import hardening from '@sealwire/vectors/hardening.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import {
  accepted,
  type Binding,
  bindChallenge,
  boundBytes,
  fitsBoundChallenge,
  isMarked,
  offerOf,
  openChallenge,
} from '../src/bound-challenge.js';
import { assertSafeChallenge } from '../src/index.js';
import { hex, utf8 } from './support/bytes.js';
import { keyOf } from './support/keys.js';

type Vector = (typeof hardening.bound)[number];

const spkis = new Map(hardening.spki.map(({ key, spki }) => [key, spki]));

function bindingOf(vector: Vector): Binding {
  return {
    context: hex(vector.context),
    clientId: hex(vector.clientId),
    lastSeenOrder: BigInt(vector.lastSeenOrder),
    lastSeenSequence: BigInt(vector.lastSeenSequence),
    serverSpki: hex(spkis.get(vector.serverKey) ?? ''),
    clientSpki: hex(spkis.get(vector.clientKey) ?? ''),
    clientAesKey: hex(vector.clientAesKey),
    serverAesKey: hex(vector.serverAesKey),
  };
}

const [first] = hardening.bound;
if (first === undefined) throw new Error('there are no vectors');
const binding = bindingOf(first);
const dataToSign = hex(first.dataToSign);

describe('a bound challenge', () => {
  it.each(hardening.bound.map((vector) => [vector.serverKey, vector.clientKey, vector] as const))(
    'of the vectors, %s and %s, gives the keys of the vectors',
    (_server, _client, vector) => {
      const challenge = hex(vector.dataToSign);
      assertSafeChallenge(challenge);
      expect(isMarked(challenge)).toBe(true);
      expect(offerOf(challenge)).toEqual({ syntheticIvs: true, checkpoint: false });
      expect(openChallenge(crypto, bindingOf(vector), challenge)).toEqual({
        client: hex(vector.clientMacKey),
        server: hex(vector.serverMacKey),
      });
    },
  );

  it.each(hardening.spki.map(({ key, spki }) => [key, spki] as const))(
    'is bound to the key %s by the same bytes as in the vectors',
    async (key, spki) => {
      expect((await keyOf(key)).publicKey.spki).toEqual(hex(spki));
    },
  );

  it.each(
    hardening.boundRefused
      .filter((refused) => refused.accepted === undefined)
      .map((refused) => [
        refused['made with another'] ?? `flipped bit ${refused['bit flipped']}`,
        refused.dataToSign,
      ]),
  )('of the vectors, made with another %s, is refused [S33]', (_, bytes) => {
    expect(openChallenge(crypto, binding, hex(bytes))).toBeUndefined();
  });

  it('of the vectors, with an offer of later versions, is accepted', () => {
    const later = hardening.boundRefused.find((refused) => refused.accepted !== undefined);
    const challenge = hex(later?.dataToSign ?? '');
    expect(openChallenge(crypto, binding, challenge)).toBeDefined();
    expect(accepted(challenge).subarray(boundBytes)).toEqual(hex('00000001'));
  });

  it.each(hardening.bound.map((vector) => [vector.clientKey, vector] as const))(
    'of the vectors is proved by %s with one signature of acceptance and one without, and no other',
    async (clientKey, vector) => {
      const { publicKey } = await keyOf(clientKey);
      const challenge = hex(vector.dataToSign);
      expect(await publicKey.verify(accepted(challenge), hex(vector.proofAccepted))).toBe(true);
      expect(await publicKey.verify(challenge, hex(vector.proofPlain))).toBe(true);
      expect(await publicKey.verify(challenge, hex(vector.proofAccepted))).toBe(false);
      expect(await publicKey.verify(accepted(challenge), hex(vector.proofPlain))).toBe(false);
      for (const proof of Object.values(vector.proofsRefused)) {
        expect(await publicKey.verify(accepted(challenge), hex(proof))).toBe(false);
        expect(await publicKey.verify(challenge, hex(proof))).toBe(false);
      }
    },
  );

  it.each([false, true])('made here opens here, with checkpoint %s', (checkpoint) => {
    const made = bindChallenge(crypto, binding, checkpoint);
    assertSafeChallenge(made.dataToSign);
    expect(made.dataToSign).toHaveLength(boundBytes);
    expect(offerOf(made.dataToSign)).toEqual({ syntheticIvs: true, checkpoint });
    expect(openChallenge(crypto, binding, made.dataToSign)).toEqual(made.macKeys);
  });

  it('opens for nothing else than what it was made with, field by field [S33]', () => {
    const made = bindChallenge(crypto, binding, true).dataToSign;
    const others: { [Field in keyof Binding]: Binding[Field] } = {
      context: utf8('elsewhere'),
      clientId: utf8('tess'),
      lastSeenOrder: 0n,
      lastSeenSequence: 0n,
      serverSpki: binding.clientSpki,
      clientSpki: binding.serverSpki,
      clientAesKey: binding.serverAesKey,
      serverAesKey: binding.clientAesKey,
    };
    for (const [field, value] of Object.entries(others)) {
      expect(openChallenge(crypto, { ...binding, [field]: value }, made)).toBeUndefined();
    }
    const { clientAesKey: serverAesKey, serverAesKey: clientAesKey } = binding;
    expect(openChallenge(crypto, { ...binding, clientAesKey, serverAesKey }, made)).toBeUndefined();
  });

  it('is another each time, in every part but the mark and the offer', () => {
    const one = bindChallenge(crypto, binding, true).dataToSign;
    const other = bindChallenge(crypto, binding, true).dataToSign;
    expect(one.subarray(8, 20)).toEqual(other.subarray(8, 20));
    for (const [from, to] of [
      [0, 8],
      [20, 40],
      [40, 72],
    ] as const) {
      expect(one.subarray(from, to)).not.toEqual(other.subarray(from, to));
    }
  });

  it('opens wherever it lies in its buffer', () => {
    const around = new Uint8Array(100);
    around.set(dataToSign, 5);
    const within = around.subarray(5, 5 + boundBytes);
    expect(offerOf(within).syntheticIvs).toBe(true);
    expect(openChallenge(crypto, binding, within)).toBeDefined();
  });

  it('is made only where the welcome fits the key', () => {
    expect([161, 162, 256].map(fitsBoundChallenge)).toEqual([false, true, true]);
  });
});
