import { randomBytes } from 'node:crypto';
import type { Bytes, BytesFunctions } from '../language/bytes.js';
import { parseDouble } from '../language/value.js';
import type { Words } from '../language/words.js';
import type { ClientPart } from '../wire/client-part.js';
import { double, hyper, opaque, word } from '../wire/protocol.js';
import type { ServerPart } from '../wire/server-part.js';
import { closePayload, encodeFrame, opcodes } from '../wire/websocket.js';

export type Part = ClientPart | ServerPart;

/** What both sides can write: XDR, WebSocket frames, and plain bytes. */
export const commonBytes: BytesFunctions<Part> = {
  hex(words) {
    const text = words.word('hexadecimal digits');
    if (!/^([0-9a-f]{2})*$/.test(text)) words.fail(`${text} is not hexadecimal`);
    return () => Buffer.from(text, 'hex');
  },
  zeros(words) {
    const length = words.count('the length');
    return () => Buffer.alloc(length);
  },
  random(words) {
    const length = words.count('the length');
    return () => randomBytes(length);
  },
  repeat(words, operand) {
    const times = words.count('how often');
    const bytes = operand();
    return (context) => Buffer.concat(Array<Buffer>(times).fill(bytes(context)));
  },
  hyper(words) {
    const value = words.number('the HYPER');
    return ({ variables }) => hyper(BigInt.asIntN(64, value(variables)));
  },
  uint: readWord,
  enum: readWord,
  double(words) {
    const value = readDouble(words);
    return () => double(value);
  },
  opaque(_words, operand) {
    const bytes = operand();
    return (context) => opaque(bytes(context));
  },
  seal(words, operand) {
    const iv = words.maybe('iv') ? operand() : undefined;
    const plaintext = operand();
    return (context) => context.part.seal(plaintext(context), iv?.(context));
  },
  'aes-key': () => (context) => context.part.aesKey,
  challenge: () => (context) => context.part.challenge,
  /** A WebSocket frame, for `write`. */
  frame(words, operand) {
    const opcode = readOpcode(words);
    const fin = !words.maybe('not-final');
    const rsv = words.maybe('rsv') ? words.count('the reserved bits') : 0;
    const unusual = words.maybe('badly-masked');
    const length = words.maybe('length') ? words.integer('the length') : undefined;
    const payload = operand();
    return (context) =>
      encodeFrame({
        opcode,
        fin,
        rsv,
        masked: (context.part.role === 'client') !== unusual,
        payload: payload(context),
        ...(length === undefined ? {} : { length }),
      });
  },
  /** The payload of a close frame. */
  closing(words) {
    const code = words.count('the code');
    const reason = words.next?.kind === 'string' ? words.string('the reason') : '';
    return () => closePayload(code, reason);
  },
};

/** Four bytes; unsigned and signed are the same modulo 2^32. */
function readWord(words: Words): Bytes<Part> {
  const value = words.number('the number');
  return ({ variables }) => word(Number(BigInt.asIntN(32, value(variables))));
}

export function readDouble(words: Words): number {
  const text = words.word('the number');
  return parseDouble(text) ?? words.fail(`${text} is no number`);
}

function readOpcode(words: Words): number {
  const text = words.word('an opcode');
  if (Object.hasOwn(opcodes, text)) return opcodes[text as keyof typeof opcodes];
  const opcode = Number(text);
  return Number.isInteger(opcode) && opcode >= 0 && opcode < 16 ? opcode : words.fail(`${text} is no opcode`);
}
