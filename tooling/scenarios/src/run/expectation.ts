import type { Variables, Words } from '../language/words.js';
import type { Seen } from '../wire/seen.js';

/** What a script says must come next. */
export interface Expectation {
  readonly kinds: readonly Seen['kind'][];
  matches(seen: Seen, variables: Variables): boolean;
  /** A variable that keeps the number of what came. */
  readonly as?: string | undefined;
}

type Reader = (words: Words) => Expectation;

/** An expectation of one kind; `fits` looks at its fields. */
function of<K extends Seen['kind']>(
  kind: K,
  fits: (seen: Extract<Seen, { kind: K }>, variables: Variables) => boolean = () => true,
): Expectation {
  return {
    kinds: [kind],
    matches: (seen, variables) => seen.kind === kind && fits(seen as Extract<Seen, { kind: K }>, variables),
  };
}

function numbered(kind: 'message' | 'request' | 'answer'): Reader {
  return (words) => {
    const number = words.maybe('any') ? undefined : words.number('the number');
    const payload =
      words.next?.kind === 'json' || words.next?.kind === 'string' ? words.take('').text : undefined;
    const as = words.maybe('as') ? words.name() : undefined;
    const fits = of(
      kind,
      (seen, variables) =>
        (number === undefined || seen.number === number(variables)) &&
        (payload === undefined || sameJson(seen.json, payload)),
    );
    return { ...fits, as };
  };
}

function texted(kind: 'text' | 'ping' | 'pong' | 'error'): Reader {
  return (words) => {
    const text = words.next?.kind === 'string' ? words.string('the text') : undefined;
    return of(kind, (seen) => text === undefined || wildcard(text, seen.text));
  };
}

const readers: Readonly<Record<string, Reader>> = {
  http: (words) => {
    const status = words.word('the status');
    const header = words.next?.kind === 'string' ? words.string('a header') : '';
    const absent = words.maybe('without') ? words.string('a header') : undefined;
    return of(
      'http',
      ({ status: seen, head }) =>
        seen === status && head.includes(header) && (absent === undefined || !head.includes(absent)),
    );
  },
  hello: (words) => {
    const to = words.maybe('to') ? words.word('the server key') : undefined;
    const id = words.maybe('id') ? words.word('the id') : undefined;
    const order = words.maybe('last-seen-order') ? words.number('LAST SEEN ORDER') : undefined;
    return of(
      'hello',
      (seen, variables) =>
        (to === undefined || seen.to === to) &&
        (id === undefined || seen.id === id) &&
        (order === undefined || seen.lastSeenOrder === order(variables)),
    );
  },
  welcome: (words) => {
    const sequence = words.maybe('last-seen-sequence') ? words.number('LAST SEEN SEQUENCE') : undefined;
    return of(
      'welcome',
      (seen, variables) => sequence === undefined || seen.lastSeenSequence === sequence(variables),
    );
  },
  unreadable: () => of('unreadable'),
  proof: () => of('proof'),
  heartbeat: () => of('heartbeat'),
  message: numbered('message'),
  request: numbered('request'),
  answer: numbered('answer'),
  error: texted('error'),
  text: texted('text'),
  ping: texted('ping'),
  pong: texted('pong'),
  close: (words) => {
    const code = words.count('the code');
    const reason = words.next?.kind === 'string' ? words.string('the reason') : undefined;
    return of(
      'close',
      (seen) => seen.code === code && (reason === undefined || wildcard(reason, seen.reason)),
    );
  },
  end: () => of('end'),
  reset: () => of('reset'),
  /** The connection ends without a close frame. */
  cut: () => ({ kinds: ['end', 'reset'], matches: ({ kind }) => kind === 'end' || kind === 'reset' }),
};

export function readExpectation(words: Words): Expectation {
  const name = words.word('what is expected');
  const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
  if (read === undefined)
    words.fail(`${name} cannot be expected; known are ${Object.keys(readers).join(', ')}`);
  return read(words);
}

/** `*` stands for any text. */
export function wildcard(pattern: string, text: string): boolean {
  const source = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${source.join('.*')}$`, 's').test(text);
}

/** Equal but for blanks and escapes; what is no JSON is compared as it is. */
export function sameJson(left: string, right: string): boolean {
  return left === right || normal(left) === normal(right);
}

function normal(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text;
  }
}
