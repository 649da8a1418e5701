import type { Variables, Words } from './words.js';

/** Bytes that are made when the statement runs: most depend on the keys of a connection. */
export type Bytes<P> = (context: BytesContext<P>) => Buffer;

export interface BytesContext<P> {
  readonly part: P;
  readonly variables: Variables;
}

/** Reads its arguments; `operand` reads one that is bytes itself. */
export type BytesFunction<P> = (words: Words, operand: () => Bytes<P>) => Bytes<P>;

export type BytesFunctions<P> = Readonly<Record<string, BytesFunction<P>>>;

/** `a + b | operation`: a sum, then what is done to it. */
export function readBytes<P>(words: Words, functions: BytesFunctions<P>): Bytes<P> {
  let bytes = readSum(words, functions);
  while (words.mark('|')) bytes = readOperation(words, functions, bytes);
  return bytes;
}

function readSum<P>(words: Words, functions: BytesFunctions<P>): Bytes<P> {
  const terms = [readTerm(words, functions)];
  while (words.mark('+')) terms.push(readTerm(words, functions));
  const [only] = terms;
  return terms.length === 1 && only !== undefined
    ? only
    : (context) => Buffer.concat(terms.map((term) => term(context)));
}

/** One operand: in parentheses, text in quotes, JSON, a variable or a function. */
export function readTerm<P>(words: Words, functions: BytesFunctions<P>): Bytes<P> {
  if (words.mark('(')) {
    const bytes = readBytes(words, functions);
    if (!words.mark(')')) words.fail(`")" is missing before ${words.next?.text ?? 'the end'}`);
    return bytes;
  }
  if (words.next?.text.startsWith('$') === true && words.next.kind === 'word') {
    const value = words.variable(
      (found) => (typeof found === 'bigint' ? undefined : Buffer.from(found)),
      'bytes',
    );
    return ({ variables }) => value(variables);
  }
  const { kind, text } = words.take('bytes');
  if (kind === 'string' || kind === 'json') return () => Buffer.from(text);
  const make = functions[text];
  if (make === undefined)
    words.fail(`${text} makes no bytes; known are ${Object.keys(functions).join(', ')}`);
  return make(words, () => readTerm(words, functions));
}

const operations = ['flip', 'truncate', 'drop', 'set', 'append'] as const;

function readOperation<P>(words: Words, functions: BytesFunctions<P>, bytes: Bytes<P>): Bytes<P> {
  switch (words.oneOf('an operation', operations)) {
    case 'flip': {
      const bit = words.count('the bit');
      return (context) => {
        const flipped = Buffer.from(bytes(context));
        flipped[bit >> 3] = (flipped[bit >> 3] ?? words.fail('there is no such bit')) ^ (0x80 >> (bit & 7));
        return flipped;
      };
    }
    case 'truncate': {
      const length = words.count('the length');
      return (context) => bytes(context).subarray(0, length);
    }
    case 'drop': {
      const length = words.count('the length');
      return (context) => bytes(context).subarray(length);
    }
    case 'set': {
      const at = words.count('the offset');
      const patch = readTerm(words, functions);
      return (context) => {
        const patched = Buffer.from(bytes(context));
        const written = patch(context);
        if (at < 0 || at + written.length > patched.length) words.fail('the patch lies outside');
        patched.set(written, at);
        return patched;
      };
    }
    case 'append': {
      const tail = readTerm(words, functions);
      return (context) => Buffer.concat([bytes(context), tail(context)]);
    }
  }
}
