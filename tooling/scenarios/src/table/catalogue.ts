import { type Position, ScriptError } from '../language/script-error.js';

/** One fault, and what must happen. */
export interface Item {
  readonly id: string;
  readonly fault: string;
  readonly must: string;
  /** Kinds of faults in the plans of the simulation. */
  readonly simulated: readonly string[];
  /** Why it is not shown, or not in full. */
  readonly none: string | undefined;
  readonly position: Position;
}

export interface Section {
  readonly title: string;
  readonly items: readonly Item[];
}

/** @throws ScriptError */
export function parseCatalogue(file: string, text: string): readonly Section[] {
  const sections: { title: string; items: Item[] }[] = [];
  const ids = new Set<string>();
  for (const [index, line] of text.split('\n').entries()) {
    const position = { file, line: index + 1 };
    if (line.startsWith('## ')) {
      sections.push({ title: line.slice(3), items: [] });
    } else if (line.trim() !== '' && !line.startsWith('#')) {
      const item = readItem(line, position);
      if (ids.has(item.id)) throw new ScriptError(position, `${item.id} occurs twice`);
      ids.add(item.id);
      const section = sections.at(-1);
      if (section === undefined) throw new ScriptError(position, 'an item stands in a section');
      section.items.push(item);
    }
  }
  return sections;
}

function readItem(line: string, position: Position): Item {
  const [id = '', fault = '', must = '', rest = ''] = line.split(' | ');
  if (!/^[A-Z]\d+$/.test(id) || fault === '' || must === '') {
    throw new ScriptError(position, 'an item is: id | fault | what must happen [| sim KIND… ; none REASON]');
  }
  const parts = /^(?:sim ([a-z -]+?))?(?:; )?(?:none (.+))?$/.exec(rest);
  if (parts === null)
    throw new ScriptError(position, `the last part is "sim KIND…; none REASON", not ${rest}`);
  return { id, fault, must, simulated: parts[1]?.split(' ') ?? [], none: parts[2], position };
}
