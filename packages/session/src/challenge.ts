import { boundBytes, isMarked } from './bound-challenge.js';
import { SessionError } from './errors.js';

/** DATA TO SIGN must be at least this long. */
const minChallengeBytes = 16;
const plainChallengeBytes = 32;

/** A challenge that no challenge guard refuses: random, but for three bytes that no number or JSON text begins with. */
export function plainChallenge(randomBytes: (length: number) => Uint8Array): Uint8Array {
  const challenge = Uint8Array.from(randomBytes(plainChallengeBytes));
  challenge[8] = 0x7f;
  challenge[12] = 0x7f;
  challenge[16] = 0x7f;
  return challenge;
}

/**
 * Refuses every DATA TO SIGN that some reader, however lax, could take for the signed part of a message: the
 * client signs challenges and messages with one key, and a false server must not turn its login into an order.
 * The rules are numbered as in `docs/protocol.md`, section "Challenge guard".
 *
 * @throws SessionError `E_CHALLENGE_REFUSED`, naming the rule
 */
export function assertSafeChallenge(challenge: Uint8Array): void {
  const fault = faultOf(challenge);
  if (fault !== undefined) {
    throw new SessionError('E_CHALLENGE_REFUSED', `DATA TO SIGN ${fault}; it was not signed`);
  }
}

/**
 * The other side of the guard: what is signed as a message must be something that no client signs as a challenge.
 * It holds by construction; a fault in this program must not break it unnoticed.
 *
 * @throws SessionError `E_STATE`
 */
export function assertNoChallenge(data: Uint8Array): void {
  if (faultOf(data) === undefined) throw new SessionError('E_STATE', 'the data could pass for a challenge');
}

function faultOf(challenge: Uint8Array): string | undefined {
  const length = challenge.length;
  if (length < minChallengeBytes) return `is shorter than ${minChallengeBytes} bytes (rule 1)`;
  const view = new DataView(challenge.buffer, challenge.byteOffset, length);
  if (view.getUint32(8) <= length - 12) return 'can be read as SEQUENCE and JSON (rule 2)';
  if (view.getUint32(12) <= length - 16) return 'can be read as type, SEQUENCE and JSON (rule 3)';
  if (beginsJson(challenge, 12) || beginsJson(challenge, 16)) {
    return 'holds the beginning of a JSON text (rule 4)';
  }
  if (isMarked(challenge) && length !== boundBytes) {
    return `carries the mark of a bound challenge without being ${boundBytes} bytes long (rule 5)`;
  }
  return undefined;
}

/** Rule 4: an optional byte order mark, white space, `{` or `[`, then 15 characters of UTF-8 text. */
function beginsJson(bytes: Uint8Array, offset: number): boolean {
  let at = offset;
  if (bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf) at += 3;
  while (isJsonSpace(bytes[at])) at += 1;
  if (bytes[at] !== 0x7b && bytes[at] !== 0x5b) return false;
  at += 1;
  for (let count = 0; count < 15; count += 1) {
    const size = textCharacterSize(bytes, at);
    if (size === 0) return false;
    at += size;
  }
  return true;
}

function isJsonSpace(byte: number | undefined): boolean {
  return byte === 0x09 || byte === 0x0a || byte === 0x0d || byte === 0x20;
}

/** The size of the UTF-8 character at `at`, or 0 where there is none or it is a control character (RFC 3629, section 4). */
function textCharacterSize(bytes: Uint8Array, at: number): number {
  const lead = bytes[at];
  if (lead === undefined) return 0;
  if (lead < 0x80) return isControl(lead) ? 0 : 1;
  const size =
    lead >= 0xc2 && lead <= 0xdf
      ? 2
      : lead >= 0xe0 && lead <= 0xef
        ? 3
        : lead >= 0xf0 && lead <= 0xf4
          ? 4
          : 0;
  if (size === 0 || at + size > bytes.length) return 0;
  const second = bytes[at + 1] ?? 0;
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let index = 2; index < size; index += 1) {
    if (((bytes[at + index] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  return size;
}

function isControl(byte: number): boolean {
  return (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) || byte === 0x7f;
}
