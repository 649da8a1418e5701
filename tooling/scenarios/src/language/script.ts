import { type Position, ScriptError } from './script-error.js';
import { type Token, tokenize } from './tokens.js';

/** Which program is real; the script plays the other one. */
export type Side = 'server' | 'client';

/** One statement with what is indented below it. */
export interface Statement {
  readonly position: Position;
  readonly tokens: readonly Token[];
  readonly block: readonly Statement[];
}

export interface Scenario {
  readonly title: string;
  /** Items of the fault catalogue. */
  readonly ids: readonly string[];
  readonly position: Position;
  readonly body: readonly Statement[];
}

export interface Script {
  readonly side: Side;
  readonly scenarios: readonly Scenario[];
}

interface Line {
  readonly position: Position;
  readonly indent: number;
  readonly text: string;
}

/** @throws ScriptError */
export function parseScript(file: string, text: string): Script {
  const lines = readLines(file, text);
  const [head, ...rest] = lines;
  const against = /^against (server|client)$/.exec(head?.text ?? '');
  if (against === null || head?.indent !== 0) {
    throw new ScriptError(
      head?.position ?? { file, line: 1 },
      'a script begins with "against server" or "against client"',
    );
  }
  const scenarios: Scenario[] = [];
  const titles = new Set<string>();
  for (let at = 0; at < rest.length; ) {
    const line = rest[at]!;
    const next = rest.findIndex(({ indent }, index) => index > at && indent === 0);
    const end = next === -1 ? rest.length : next;
    const scenario = readScenario(line, rest.slice(at + 1, end));
    if (titles.has(scenario.title)) throw new ScriptError(line.position, 'this title occurs twice');
    titles.add(scenario.title);
    scenarios.push(scenario);
    at = end;
  }
  if (scenarios.length === 0) throw new ScriptError({ file, line: 1 }, 'there is no scenario');
  return { side: against[1] as Side, scenarios };
}

function readLines(file: string, text: string): Line[] {
  const lines: Line[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const position = { file, line: index + 1 };
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const indent = line.length - line.trimStart().length;
    if (line.slice(0, indent).includes('\t')) throw new ScriptError(position, 'indent with blanks, not tabs');
    lines.push({ position, indent, text: trimmed });
  }
  return lines;
}

function readScenario({ position, indent, text }: Line, lines: readonly Line[]): Scenario {
  const parts = /^scenario (.+?) \[([A-Z]\d+(?:, [A-Z]\d+)*)\]$/.exec(text);
  if (indent !== 0 || parts === null) {
    throw new ScriptError(position, 'a scenario begins with "scenario <title> [<ids, e.g. N5, P1>]"');
  }
  if (lines.length === 0) throw new ScriptError(position, 'the scenario is empty');
  const ids = (parts[2] ?? '').split(', ');
  return { title: parts[1] ?? '', ids, position, body: readBlock(lines, lines[0]!.indent) };
}

function readBlock(lines: readonly Line[], indent: number): Statement[] {
  const statements: Statement[] = [];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at]!;
    if (line.indent !== indent)
      throw new ScriptError(line.position, `this line is indented unlike its block`);
    let end = at + 1;
    while (end < lines.length && lines[end]!.indent > indent) end += 1;
    const inner = lines.slice(at + 1, end);
    statements.push(...readStatements(line, inner.length === 0 ? [] : readBlock(inner, inner[0]!.indent)));
    at = end;
  }
  return statements;
}

/** Several statements may share a line; a block belongs to the last. */
function readStatements({ position, text }: Line, block: readonly Statement[]): Statement[] {
  const groups: Token[][] = [[]];
  for (const token of tokenize(text, position)) {
    if (token.kind === 'mark' && token.text === ';') groups.push([]);
    else groups.at(-1)?.push(token);
  }
  return groups.map((tokens, index) => {
    if (tokens.length === 0) throw new ScriptError(position, 'there is an empty statement');
    return { position, tokens, block: index === groups.length - 1 ? block : [] };
  });
}
