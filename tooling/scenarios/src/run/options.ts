import type { Option } from '../language/compile.js';
import { ScriptError } from '../language/script-error.js';
import { parseDuration } from '../language/value.js';

export type OptionValue = string | number | boolean | readonly string[];

interface OptionTree {
  [name: string]: OptionValue | OptionTree;
}

/** `limits.maxSessions 2` as `{ limits: { maxSessions: 2 } }`. The program under test says which names it knows. */
export function optionTree(options: readonly Option[]): OptionTree {
  const root: OptionTree = {};
  for (const { position, path, values } of options) {
    let tree = root;
    for (const name of path.slice(0, -1)) {
      const inner = tree[name] ?? {};
      if (!isTree(inner)) throw new ScriptError(position, `${name} has a value and options`);
      tree[name] = inner;
      tree = inner;
    }
    const [value] = values;
    if (value === undefined) throw new ScriptError(position, 'the option has no value');
    tree[path.at(-1) ?? ''] = values.length === 1 ? readValue(value) : values;
  }
  return root;
}

export function isTree(value: OptionValue | OptionTree | undefined): value is OptionTree {
  return typeof value === 'object' && !Array.isArray(value);
}

function readValue(text: string): OptionValue {
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^\d{1,15}$/.test(text)) return Number(text);
  return parseDuration(text) ?? text;
}
