import type { Script } from './script.js';

/** Values that a program in JavaScript may hand over for anything. */
const values: readonly ((script: Script) => unknown)[] = [
  () => undefined,
  () => null,
  () => Number.NaN,
  () => Number.POSITIVE_INFINITY,
  () => -1,
  () => 0,
  () => 1.5,
  (script) => script.byte(),
  (script) => script.word(),
  () => 2 ** 53,
  () => '',
  () => 'auto',
  () => '12',
  () => 5n,
  () => -5n,
  () => true,
  () => [],
  () => [null],
  () => ({}),
  () => ({ message: {} }),
  () => new Map(),
  () => () => undefined,
  () => Object.create(null) as object,
  () => Symbol('odd'),
];

/** An object of options: valid ones, some of them replaced, removed or joined by others. */
export function oddOptions(script: Script, valid: object, names: readonly string[]): Record<string, unknown> {
  const options: Record<string, unknown> = { ...valid };
  for (let left = script.below(4); left > 0; left--) {
    const name = script.pick(names);
    switch (script.below(4)) {
      case 0:
        delete options[name];
        break;
      case 1: {
        const inner: Record<string, unknown> = {};
        for (let more = script.below(3); more > 0; more--) inner[script.pick(names)] = oddValue(script);
        options[name] = inner;
        break;
      }
      default:
        options[name] = oddValue(script);
    }
  }
  return options;
}

export function oddValue(script: Script): unknown {
  return script.pick(values)(script);
}
