import { parseArgs } from 'node:util';
import { UsageError } from './usage-error.js';

export interface FlagNames<Value extends string, Switch extends string> {
  /** Flags that take a value, without the dashes. */
  readonly values: readonly Value[];
  /** Flags that take none. */
  readonly switches: readonly Switch[];
}

export interface Flags<Value extends string, Switch extends string> {
  readonly values: ReadonlyMap<Value, string>;
  readonly switches: ReadonlySet<Switch>;
}

/**
 * Reads `--name value`, `--name=value` and `--name`.
 *
 * @throws UsageError for an unknown or repeated flag, a missing or needless value, and anything that is no flag
 */
export function parseFlags<Value extends string, Switch extends string>(
  args: readonly string[],
  names: FlagNames<Value, Switch>,
): Flags<Value, Switch> {
  const values = new Map<Value, string>();
  const switches = new Set<Switch>();
  for (const token of tokensOf(args, names)) {
    if (token.kind !== 'option') {
      const word = token.kind === 'positional' ? token.value : '--';
      throw new UsageError(`"${word}" belongs to no flag: write --name value, or see --help.`);
    }
    const { rawName, value } = token;
    const valueName = names.values.find((name) => rawName === `--${name}`);
    const switchName = names.switches.find((name) => rawName === `--${name}`);
    if ((valueName && values.has(valueName)) || (switchName && switches.has(switchName))) {
      throw new UsageError(`${rawName} is given twice: give it once.`);
    }
    if (switchName !== undefined) {
      if (value !== undefined) throw new UsageError(`${rawName} takes no value: write ${rawName} alone.`);
      switches.add(switchName);
    } else if (valueName !== undefined) {
      // A dash before a digit is a number, which is checked as one.
      if (value === undefined || value === '' || (!token.inlineValue && /^-\D|^-$/.test(value))) {
        throw new UsageError(`${rawName} needs a value: write ${rawName} VALUE, or see --help.`);
      }
      values.set(valueName, value);
    } else {
      const known = [...names.values, ...names.switches].map((name) => `--${name}`).join(', ');
      throw new UsageError(`${rawName} is not known: known are ${known}.`);
    }
  }
  return { values, switches };
}

function tokensOf(args: readonly string[], names: FlagNames<string, string>) {
  // `pnpm run … -- --id x` hands the `--` on, `npm run` does not.
  const flags = args[0] === '--' ? args.slice(1) : [...args];
  const options = Object.fromEntries([
    ...names.values.map((name) => [name, { type: 'string' as const }]),
    ...names.switches.map((name) => [name, { type: 'boolean' as const }]),
  ]);
  // Not strict, because its messages are several sentences and differ from one Node to the next.
  return parseArgs({ args: flags, options, strict: false, tokens: true }).tokens;
}

/** @throws UsageError unless the text is a whole number from `least` to `most` */
export function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`${flag} ${text} is not a whole number from ${least} to ${most}: give one.`);
}

/** @throws UsageError unless the text is one of the choices */
export function oneOf<Choice extends string>(flag: string, text: string, choices: readonly Choice[]): Choice {
  const choice = choices.find((candidate) => candidate === text);
  if (choice !== undefined) return choice;
  throw new UsageError(`${flag} ${text} is not known: choose one of ${choices.join(', ')}.`);
}
