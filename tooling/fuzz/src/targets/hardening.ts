import { type Crypto, crypto, type Opener, type Sealer } from '@sealwire/crypto';
import { Refusal } from '../engine/probe.js';
import type { Target } from '../engine/target.js';
import { rule, ruleSameBytes, sameBytes } from '../engine/violation.js';
import { cryptoErrors } from '../support/errors.js';
import { internal } from '../support/internal.js';
import { Script, script } from '../support/script.js';

interface Binding {
  readonly context: Uint8Array;
  readonly clientId: Uint8Array;
  readonly lastSeenOrder: bigint;
  readonly lastSeenSequence: bigint;
  readonly serverSpki: Uint8Array;
  readonly clientSpki: Uint8Array;
  readonly clientAesKey: Uint8Array;
  readonly serverAesKey: Uint8Array;
}
interface MacKeys {
  readonly client: Uint8Array;
  readonly server: Uint8Array;
}
const { bindChallenge, openChallenge, offerOf, isMarked, boundBytes } = await internal<{
  bindChallenge(
    crypto: Crypto,
    binding: Binding,
    checkpoint: boolean,
  ): { readonly dataToSign: Uint8Array; readonly macKeys: MacKeys };
  openChallenge(crypto: Crypto, binding: Binding, dataToSign: Uint8Array): MacKeys | undefined;
  offerOf(dataToSign: Uint8Array): { readonly syntheticIvs: boolean; readonly checkpoint: boolean };
  isMarked(challenge: Uint8Array): boolean;
  boundBytes: number;
}>('@sealwire/session', 'bound-challenge.js');
type SealBatch = { sealBatch(plaintexts: readonly Uint8Array[]): Uint8Array[] };
type Open = { open(frame: Uint8Array): Uint8Array };
const { syntheticSealer, syntheticOpener } = await internal<{
  syntheticSealer(crypto: Crypto, sealer: Sealer, macKey: Uint8Array): SealBatch;
  syntheticOpener(crypto: Crypto, opener: Opener, macKey: Uint8Array): Open;
}>('@sealwire/session', 'frame-cipher.js');

const key = Uint8Array.from({ length: 32 }, (_, index) => index + 1);
const macKey = key.toReversed();
const binding: Binding = {
  context: new Uint8Array(0),
  clientId: Uint8Array.of(0x61),
  lastSeenOrder: -1n,
  lastSeenSequence: 7n,
  serverSpki: Uint8Array.of(1, 2),
  clientSpki: Uint8Array.of(3),
  clientAesKey: key,
  serverAesKey: macKey,
};
/** Keys and hashes, whatever comes. */
const factor = 16;

/** A bound challenge that was changed, or one for a handshake of which one field is another. */
export const boundChallenge: Target = {
  name: 'session-bound-challenge',
  sources: ['packages/session/dist/bound-challenge.js', 'packages/framing/dist/transcript.js'],
  share: 0.2,
  seeds: () => [script(0, 0), script(1, 1, 5), script(2, 4, 40, 1), script(3, 2, 2, 3, 4)],
  run(input, probe) {
    const steps = new Script(input);
    const checkpoint = steps.flag();
    const { dataToSign, macKeys } = bindChallenge(crypto, binding, checkpoint);
    rule(isMarked(dataToSign) && dataToSign.length === boundBytes, 'a bound challenge is marked');
    rule(
      offerOf(dataToSign).checkpoint === checkpoint && offerOf(dataToSign).syntheticIvs,
      'an offer is the one made',
    );
    const changed = dataToSign.slice();
    const other: { -readonly [name in keyof Binding]: Binding[name] } = { ...binding };
    switch (steps.below(4)) {
      case 0:
        while (!steps.done) changed[steps.below(boundBytes)] = steps.byte();
        break;
      case 1:
        other.clientId = steps.rest();
        break;
      case 2:
        other.lastSeenSequence = steps.hyper();
        break;
      default:
        other.context = steps.bytes();
        other.serverSpki = steps.rest();
    }
    const same =
      sameBytes(changed, dataToSign) &&
      sameBytes(other.clientId, binding.clientId) &&
      other.lastSeenSequence === binding.lastSeenSequence &&
      sameBytes(other.context, binding.context) &&
      sameBytes(other.serverSpki, binding.serverSpki);
    const opened = probe.call(input.length, undefined, () => openChallenge(crypto, other, changed), {
      factor,
    });
    rule(
      !(opened instanceof Refusal) && (opened !== undefined) === same,
      'a tag holds for its own handshake only',
    );
    if (opened === undefined) return;
    ruleSameBytes(opened.client, macKeys.client, "both sides derive the client's key");
    ruleSameBytes(opened.server, macKeys.server, "both sides derive the server's key");
  },
};

/** Frames of a hardened direction: left out, repeated, moved, altered. */
export const frameCipher: Target = {
  name: 'session-frame-cipher',
  sources: [
    'packages/session/dist/frame-cipher.js',
    'packages/crypto/dist/opener.js',
    'packages/crypto/dist/sealer.js',
  ],
  share: 0.3,
  seeds: () => [
    script(2, 1, 2, 2, 3, 4, 0, 0, 0, 0, 0, 0),
    script(2, 1, 2, 2, 3, 4, 0, 0, 1, 3, 0, 5, 1),
    script(1, 0, 2, 5, 5),
  ],
  run(input, probe) {
    const steps = new Script(input);
    const plaintexts = Array.from({ length: 1 + steps.below(4) }, () => steps.bytes());
    const frames = syntheticSealer(crypto, crypto.createSealer(key), macKey).sealBatch(plaintexts);
    const opener = syntheticOpener(crypto, crypto.createOpener(key), macKey);
    let next = 0;
    for (let left = 8; left > 0 && !steps.done; left--) {
      const which = steps.below(3) === 0 ? steps.below(frames.length) : next;
      const frame = (frames[which] ?? new Uint8Array()).slice();
      for (let changes = steps.below(3); changes > 1; changes--)
        frame[steps.below(frame.length || 1)] = steps.byte();
      const honest = which === next && sameBytes(frame, frames[next] ?? new Uint8Array()) && frame.length > 0;
      const opened = probe.call(frame.length, cryptoErrors, () => opener.open(frame), { factor });
      rule(opened instanceof Refusal !== honest, 'only the next frame opens, as it was sealed');
      if (opened instanceof Refusal) {
        rule(opened.error.code === 'E_OPEN', 'a frame that does not open tells nothing else');
        next = frames.length;
      } else ruleSameBytes(opened, plaintexts[next++] ?? new Uint8Array(), 'what opens is what was sealed');
    }
  },
};
