import {
  assertSafeChallenge,
  closeCodes,
  errorText,
  isRefusalCode,
  maxErrorTextBytes,
  plainChallenge,
  retryAfterClose,
  retryAfterHttpStatus,
} from '@sealwire/session';
import { checkClose, isCloseCode } from '@sealwire/transport';
import { Refusal } from '../engine/probe.js';
import type { Target } from '../engine/target.js';
import { rule } from '../engine/violation.js';
import { sessionErrors, transportErrors } from '../support/errors.js';
import { textOf, utf8 } from '../support/script.js';
import { challenges } from '../support/vectors.js';

const mark = Uint8Array.of(0x7f, 0x53, 0x57, 0x31, 0x7f, 0x53, 0x57, 0x31);
const challenge72 = new Uint8Array(72).fill(0x80);
challenge72.set(mark, 8);

export const challengeGuard: Target = {
  name: 'session-challenge',
  sources: ['packages/session/dist/challenge.js'],
  seeds: () => [...challenges().map(({ challenge }) => challenge), challenge72],
  dictionary: [mark, utf8('{"@type":"a"'), utf8('\ufeff [1,2,3,'), Uint8Array.of(0xf0, 0x9f, 0x98, 0x80)],
  run(input, probe) {
    const verdict = probe.call(input.length, sessionErrors, () => assertSafeChallenge(input));
    if (verdict instanceof Refusal) {
      rule(verdict.error.code === 'E_CHALLENGE_REFUSED', 'a challenge is refused with its own code');
    } else {
      rule(input.length >= 16 && !readsAsMessage(input), 'no challenge is signed that reads as a message');
    }
    const own = probe.call(0, undefined, () => plainChallenge((length) => pad(input, length)));
    // Random bytes are the mark once in 2^48 times; then the client refuses and dials again.
    if (own instanceof Refusal || mark.every((byte, index) => own[8 + index] === byte)) return;
    rule(
      !(probe.call(0, sessionErrors, () => assertSafeChallenge(own)) instanceof Refusal),
      'own challenges pass',
    );
  },
};

/** Would a lax reader find SEQUENCE and JSON in it, in either layout, whatever follows them? */
function readsAsMessage(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return [8, 12].some((at) => bytes.length >= at + 4 && view.getUint32(at) <= bytes.length - at - 4);
}

function pad(bytes: Uint8Array, length: number): Uint8Array {
  const padded = new Uint8Array(length);
  padded.set(bytes.subarray(0, length));
  return padded;
}

export const errorTexts: Target = {
  name: 'session-error-text',
  sources: ['packages/session/dist/error-text.js'],
  share: 0.5,
  seeds: () =>
    ['no', 'a\u202eb\u0000\n', 'é'.repeat(2_049), `${'x'.repeat(4_095)}€`, '\ud800', '\u{e0001}'].map(utf8),
  dictionary: ['\u202e', '\u2028', '\u0007', '\ufeff', '\u{1f600}', '\u00ad'].map(utf8),
  run(input, probe) {
    // Also as UTF-16, which may hold halves of surrogate pairs.
    const units = String.fromCharCode(...new Uint16Array(input.slice(0, input.length & ~1).buffer));
    for (const text of [textOf(input), units]) {
      const safe = probe.call(2 * text.length, undefined, () => errorText(text), { factor: 16 });
      if (safe instanceof Refusal) continue;
      rule(utf8(safe).length <= maxErrorTextBytes, 'a text is cut to its bound');
      rule(!/[\p{Cc}\p{Cf}\p{Surrogate}\u2028\u2029]/u.test(safe), 'nothing unprintable is left');
      rule(errorText(safe) === safe, 'a safe text stays as it is');
    }
  },
};

export const closes: Target = {
  name: 'transport-close',
  sources: ['packages/transport/dist/close-codes.js', 'packages/session/dist/close-codes.js'],
  share: 0.5,
  seeds: () => [
    ...Object.keys(closeCodes).map((code) => Uint8Array.of(Number(code) >> 8, Number(code) & 0xff)),
    Uint8Array.of(0x10, 0x68, ...utf8('€'.repeat(45))),
  ],
  dictionary: [utf8('\u{1f600}'), utf8('é')],
  run(input, probe) {
    const word = ((input[0] ?? 0) << 8) | (input[1] ?? 0);
    const reason = textOf(input.subarray(2));
    for (const code of [word, word / 10, -word, Number.NaN]) {
      const cut = probe.call(input.length, transportErrors, () => checkClose(code, reason));
      rule(cut instanceof Refusal === !isCloseCode(code), 'a close is refused for its code only');
      rule(['retry', 'retry-slowly', 'stop'].includes(retryAfterClose(code)), 'every close has a verdict');
      rule(['retry', 'retry-slowly'].includes(retryAfterHttpStatus(code)), 'every status has a verdict');
      if (isRefusalCode(code)) rule(isCloseCode(code), 'an application refuses with codes that can be sent');
      if (cut instanceof Refusal) continue;
      rule(utf8(cut).length <= 123 && reason.startsWith(cut), 'a reason is cut to what a close frame takes');
    }
  },
};
