import type { BytesFunction, BytesFunctions } from '../language/bytes.js';
import { names } from '../wire/keys.js';
import type { ServerPart } from '../wire/server-part.js';
import { commonBytes, readDouble } from './common-bytes.js';

type PartFunction = BytesFunction<ServerPart>;

/** What a script that plays the server can write. */
export const serverBytes: BytesFunctions<ServerPart> = {
  ...commonBytes,
  welcome: (words, operand) => {
    const to = words.maybe('to') ? words.oneOf('the client', names) : undefined;
    const plaintext = welcome(words, operand);
    return (context) => context.part.encrypt(plaintext(context), to ?? context.part.client);
  },
  'welcome-plaintext': (words, operand) => welcome(words, operand),
  encrypt: (words, operand) => {
    const to = words.maybe('to') ? words.oneOf('the client', names) : undefined;
    const plaintext = operand();
    return (context) => context.part.encrypt(plaintext(context), to ?? context.part.client);
  },
  'client-aes-key': () => (context) => context.part.clientAesKey ?? Buffer.alloc(0),
  heartbeat: () => () => Buffer.of(0),
  message: sealed(message),
  answer: sealed(answer),
  error: sealed(error),
  'message-plaintext': message,
  'answer-plaintext': answer,
  'error-plaintext': error,
};

function welcome(...[words, operand]: Parameters<PartFunction>): ReturnType<PartFunction> {
  const lastSeenSequence = words.maybe('last-seen-sequence') ? words.number('LAST SEEN SEQUENCE') : undefined;
  const challenge = words.maybe('challenge') ? operand() : undefined;
  const aesKey = words.maybe('aes-key') ? operand() : undefined;
  return (context) =>
    context.part.welcomePlaintext({
      lastSeenSequence: lastSeenSequence?.(context.variables),
      challenge: challenge?.(context),
      aesKey: aesKey?.(context),
    });
}

function message(...[words, operand]: Parameters<PartFunction>): ReturnType<PartFunction> {
  const order = words.number('ORDER');
  const payload = operand();
  const timestamp = words.maybe('timestamp') ? readDouble(words) : 1.5;
  return (context) => context.part.messagePlaintext(order(context.variables), timestamp, payload(context));
}

function answer(...[words, operand]: Parameters<PartFunction>): ReturnType<PartFunction> {
  const requestId = words.number('REQUEST_ID');
  const payload = operand();
  return (context) => context.part.answerPlaintext(requestId(context.variables), payload(context));
}

function error(...[, operand]: Parameters<PartFunction>): ReturnType<PartFunction> {
  const text = operand();
  return (context) => context.part.errorPlaintext(text(context));
}

function sealed(make: PartFunction): PartFunction {
  return (words, operand) => {
    const plaintext = make(words, operand);
    return (context) => context.part.seal(plaintext(context));
  };
}
