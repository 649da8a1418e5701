import type { Scenario, Statement } from './script.js';
import { type Position, ScriptError } from './script-error.js';
import type { Token } from './tokens.js';
import { parseInteger } from './value.js';
import { Words } from './words.js';

/** What a statement does in a run. */
export type Act<S> = (stage: S) => Promise<void> | void;

/** Reads the words of a statement that begins with its name. */
export type Command<S> = (words: Words, scope: Scope<S>) => Act<S>;

export type Commands<S> = Readonly<Record<string, Command<S>>>;

export interface Scope<S> {
  /** The connection that the statement is about; '' is the one without a name. */
  readonly peer: string;
  /** The steps of the block below, of which there must be one. */
  block(): readonly Step<S>[];
}

export interface Step<S> {
  readonly position: Position;
  readonly text: string;
  readonly act: Act<S>;
}

export interface Option {
  readonly position: Position;
  readonly path: readonly string[];
  readonly values: readonly string[];
}

export interface Program<S> {
  readonly scenario: Scenario;
  readonly layouts: readonly ('documented' | 'deployed')[];
  readonly options: readonly Option[];
  readonly steps: readonly Step<S>[];
}

/** @throws ScriptError for every word that no run could understand */
export function compile<S>(scenario: Scenario, side: string, commands: Commands<S>): Program<S> {
  const rest = [...scenario.body];
  const layouts: ('documented' | 'deployed')[] = [];
  const options: Option[] = [];
  for (let next = rest[0]; next !== undefined; next = rest[0]) {
    const words = new Words(next.position, next.tokens, new Set());
    if (words.maybe('layouts')) {
      while (!words.done) layouts.push(words.oneOf('a layout', ['documented', 'deployed']));
    } else if (words.maybe(side)) {
      const path = words.word('an option').split('.');
      const values: string[] = [];
      while (!words.done) values.push(words.take('a value').text);
      options.push({ position: next.position, path, values });
    } else {
      break;
    }
    rest.shift();
  }
  const steps = compileBlock(rest, { commands, names: new Set(), peer: '' });
  if (steps.length === 0) throw new ScriptError(scenario.position, 'the scenario does nothing');
  return { scenario, layouts: layouts.length === 0 ? ['documented'] : layouts, options, steps };
}

/** Where a statement stands: its connection is that of the block around it unless it names one. */
interface Surroundings<S> {
  readonly commands: Commands<S>;
  readonly names: Set<string>;
  readonly peer: string;
}

function compileBlock<S>(statements: readonly Statement[], around: Surroundings<S>): Step<S>[] {
  return statements.flatMap((statement) =>
    isWord(statement.tokens[0], 'for')
      ? unroll(statement, around.names).flatMap((body) => compileBlock(body, around))
      : [compileStatement(statement, around)],
  );
}

function compileStatement<S>(
  { position, tokens, block }: Statement,
  { commands, names, peer: outer }: Surroundings<S>,
): Step<S> {
  const label = tokens[0]?.kind === 'word' && tokens[0].text.endsWith(':') ? tokens[0].text.slice(0, -1) : '';
  const words = new Words(position, label === '' ? tokens : tokens.slice(1), names);
  const name = words.word('a statement');
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    throw new ScriptError(
      position,
      `no statement begins with ${name}; known are ${Object.keys(commands).join(', ')}`,
    );
  }
  const peer = label === '' ? outer : label;
  let asked = false;
  const act = command(words, {
    peer,
    block() {
      asked = true;
      if (block.length === 0) throw new ScriptError(position, `${name} needs a block below it`);
      return compileBlock(block, { commands, names, peer });
    },
  });
  words.end();
  if (!asked && block.length > 0) throw new ScriptError(position, `${name} has no block`);
  return { position, text: tokens.map(({ text }) => text).join(' '), act };
}

const mostTurns = 10_000;

/** `for name in 0..9`, `for name in 0..90/10` or `for name in a b c`: the block once for each, with `$name` and `${name+1}` replaced. */
function unroll({ position, tokens, block }: Statement, names: Set<string>): Statement[][] {
  const words = new Words(position, tokens.slice(1), names);
  const name = words.word('the name of the loop');
  words.expect('in');
  const values: string[] = [];
  while (!words.done) values.push(...expand(words.take('a value'), position));
  if (values.length === 0 || values.length > mostTurns) {
    throw new ScriptError(position, `a loop has 1 to ${mostTurns} turns, not ${values.length}`);
  }
  if (block.length === 0) throw new ScriptError(position, 'for needs a block below it');
  return values.map((value) => block.map((statement) => substitute(statement, name, value)));
}

function expand({ kind, text }: Token, position: Position): string[] {
  const range = kind === 'word' ? /^(-?\d+)\.\.(-?\d+)(?:\/(\d+))?$/.exec(text) : null;
  if (range === null) return [text];
  const [first, last, step] = [Number(range[1]), Number(range[2]), Number(range[3] ?? '1')];
  const turns = Math.floor((last - first) / step) + 1;
  if (!(turns >= 1 && turns <= mostTurns)) throw new ScriptError(position, `${text} is no range`);
  return Array.from({ length: turns }, (_, index) => String(first + index * step));
}

function substitute(statement: Statement, name: string, value: string): Statement {
  const pattern = new RegExp(`\\$(?:\\{${name}([+-]\\d+)?\\}|${name}(?![a-z0-9-]))`, 'g');
  const fill = (text: string) =>
    text.replace(pattern, (_, plus: string | undefined) =>
      plus === undefined ? value : sum(statement.position, value, plus),
    );
  return {
    position: statement.position,
    tokens: statement.tokens.map((token) => ({ ...token, text: fill(token.text) })),
    block: statement.block.map((inner) => substitute(inner, name, value)),
  };
}

function sum(position: Position, value: string, plus: string): string {
  const number = parseInteger(value);
  if (number === undefined) throw new ScriptError(position, `${value} is no number to add to`);
  return String(number + BigInt(plus.replace('+', '')));
}

function isWord(token: Token | undefined, text: string): boolean {
  return token?.kind === 'word' && token.text === text;
}
