import type { BytesFunction, BytesFunctions } from '../language/bytes.js';
import type { Words } from '../language/words.js';
import type { ClientPart } from '../wire/client-part.js';
import { names, type ServerKeyName, serverKeys } from '../wire/keys.js';
import { pss, word } from '../wire/protocol.js';
import { commonBytes } from './common-bytes.js';

const serverKeyNames = Object.keys(serverKeys) as ServerKeyName[];

const signers = [...names, ...serverKeyNames];

/** What a script that plays the client can write. */
export const clientBytes: BytesFunctions<ClientPart> = {
  ...commonBytes,
  hello: (words, operand) => {
    const to = words.maybe('to') ? words.oneOf('the server key', serverKeyNames) : 'server';
    const plaintext = hello(words, operand);
    return (context) => context.part.encrypt(plaintext(context), to);
  },
  'hello-plaintext': (words, operand) => hello(words, operand),
  encrypt: (words, operand) => {
    const to = words.maybe('to') ? words.oneOf('the server key', serverKeyNames) : 'server';
    const plaintext = operand();
    return (context) => context.part.encrypt(plaintext(context), to);
  },
  proof: () => (context) => context.part.proof(),
  sign: (words, operand) => {
    const by = words.maybe('by') ? words.oneOf('the signer', signers) : undefined;
    const hash = words.maybe('hash') ? words.oneOf('the hash', ['sha256', 'sha384', 'sha512']) : undefined;
    const salt = words.maybe('salt') ? words.count('the length of the salt') : undefined;
    const bytes = operand();
    return ({ part, variables }) =>
      pss(part.keyOf(by).privateKey, bytes({ part, variables }), {
        ...(hash === undefined ? {} : { hash }),
        ...(salt === undefined ? {} : { saltLength: salt }),
      });
  },
  message: sealed(1),
  request: sealed(2),
  'message-plaintext': plaintext(1),
  'request-plaintext': plaintext(2),
  'message-data': data(1),
  'request-data': data(2),
};

function hello(
  ...[words, operand]: Parameters<BytesFunction<ClientPart>>
): ReturnType<BytesFunction<ClientPart>> {
  const id = words.maybe('id') ? readId(words) : 'alice';
  const lastSeenOrder = words.maybe('last-seen-order') ? words.number('LAST SEEN ORDER') : undefined;
  const aesKey = words.maybe('aes-key') ? operand() : undefined;
  const version = words.maybe('version') ? words.count('the version') : undefined;
  return (context) => {
    const fields = context.part.helloPlaintext({
      id,
      ...(lastSeenOrder === undefined ? {} : { lastSeenOrder: lastSeenOrder(context.variables) }),
      ...(aesKey === undefined ? {} : { aesKey: aesKey(context) }),
    });
    return version === undefined ? fields : Buffer.concat([fields, word(version | 0)]);
  };
}

/** A name, or any text in quotes. */
function readId(words: Words): string {
  return words.next?.kind === 'string' ? words.string('the id') : words.word('the id');
}

function sealed(type: number): BytesFunction<ClientPart> {
  return (words, operand) => {
    const bytes = plaintext(type)(words, operand);
    return (context) => context.part.seal(bytes(context));
  };
}

function plaintext(type: number): BytesFunction<ClientPart> {
  return (words, operand) => {
    const number = words.number(type === 1 ? 'SEQUENCE' : 'REQUEST_ID');
    const payload = operand();
    const odd = {
      signedBy: words.maybe('signed-by') ? words.oneOf('the signer', signers) : undefined,
      type: words.maybe('type') ? words.count('the MESSAGE TYPE') : undefined,
    };
    const signature = words.maybe('signature') ? operand() : undefined;
    return (context) =>
      context.part.framePlaintext(type, number(context.variables), payload(context), {
        ...odd,
        signature: signature?.(context),
      });
  };
}

function data(type: number): BytesFunction<ClientPart> {
  return (words, operand) => {
    const number = words.number(type === 1 ? 'SEQUENCE' : 'REQUEST_ID');
    const payload = operand();
    return (context) => context.part.data(type, number(context.variables), payload(context));
  };
}
