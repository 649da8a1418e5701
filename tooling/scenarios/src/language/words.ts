import { type Position, ScriptError } from './script-error.js';
import type { Token } from './tokens.js';
import { parseDuration, parseInteger } from './value.js';

export type Value = bigint | Uint8Array;

/** What the statements of a run have named. */
export interface Variables {
  get(name: string): Value | undefined;
}

/** A value that may not be known before the run. */
export type Late<T> = (variables: Variables) => T;

/** The words of a statement, read one after the other; what does not fit is an error with its place. */
export class Words {
  readonly position: Position;
  readonly #tokens: readonly Token[];
  readonly #names: Set<string>;
  #at = 0;

  /** @param names variables that the lines above have made */
  constructor(position: Position, tokens: readonly Token[], names: Set<string>) {
    this.position = position;
    this.#tokens = tokens;
    this.#names = names;
  }

  get next(): Token | undefined {
    return this.#tokens[this.#at];
  }

  get done(): boolean {
    return this.#at === this.#tokens.length;
  }

  fail(message: string): never {
    throw new ScriptError(this.position, message);
  }

  take(what: string): Token {
    const token = this.#tokens[this.#at];
    if (token === undefined) this.fail(`${what} is missing`);
    this.#at += 1;
    return token;
  }

  word(what: string): string {
    const token = this.take(what);
    if (token.kind !== 'word') this.fail(`${what} is a word, not ${token.text}`);
    return token.text;
  }

  oneOf<T extends string>(what: string, choices: readonly T[]): T {
    const word = this.word(what);
    const choice = choices.find((name) => name === word);
    return choice ?? this.fail(`${what} is one of ${choices.join(', ')}, not ${word}`);
  }

  /** Takes the word if it is the next one. */
  maybe(word: string): boolean {
    const found = this.next?.kind === 'word' && this.next.text === word;
    if (found) this.#at += 1;
    return found;
  }

  /** Takes the mark if it is the next one. */
  mark(text: string): boolean {
    const found = this.next?.kind === 'mark' && this.next.text === text;
    if (found) this.#at += 1;
    return found;
  }

  expect(word: string): void {
    if (!this.maybe(word)) this.fail(`"${word}" is missing before ${this.next?.text ?? 'the end'}`);
  }

  string(what: string): string {
    const token = this.take(what);
    if (token.kind !== 'string') this.fail(`${what} is text in quotes, not ${token.text}`);
    return token.text;
  }

  integer(what: string): bigint {
    const word = this.word(what);
    return parseInteger(word) ?? this.fail(`${what} is a whole number, not ${word}`);
  }

  /** A whole number small enough to count with. */
  count(what: string): number {
    const value = Number(this.integer(what));
    return Number.isSafeInteger(value) ? value : this.fail(`${what} is out of range`);
  }

  /** A whole number, or a variable that will hold one. */
  number(what: string): Late<bigint> {
    if (this.next?.text.startsWith('$') !== true) {
      const value = this.integer(what);
      return () => value;
    }
    return this.variable((value) => (typeof value === 'bigint' ? value : undefined), 'a number');
  }

  /** The next word, which begins with `$`. */
  variable<T>(read: (value: Value) => T | undefined, kind: string): Late<T> {
    const name = this.word('a variable').slice(1);
    if (!this.#names.has(name)) this.fail(`nothing above names $${name}`);
    return (variables) => {
      const value = variables.get(name);
      const fitting = value === undefined ? undefined : read(value);
      return fitting ?? this.fail(`$${name} is not ${kind}`);
    };
  }

  /** A new variable. */
  name(): string {
    const name = this.word('a name');
    if (!/^[a-z][a-z0-9-]*$/.test(name))
      this.fail(`${name} is no name: a letter, then letters, digits and dashes`);
    this.#names.add(name);
    return name;
  }

  duration(what: string): number {
    const word = this.word(what);
    return parseDuration(word) ?? this.fail(`${what} is a time such as 300ms or 2s, not ${word}`);
  }

  end(): void {
    if (!this.done) this.fail(`${this.next?.text} is too much here`);
  }
}
