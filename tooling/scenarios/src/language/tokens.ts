import { type Position, ScriptError } from './script-error.js';

export interface Token {
  /** A string is text in quotes, json a balanced literal, a mark one of `( ) | + ;`. */
  readonly kind: 'word' | 'string' | 'json' | 'mark';
  readonly text: string;
}

/** Splits one line; `#` begins a comment. */
export function tokenize(line: string, position: Position): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < line.length) {
    const char = line.charAt(at);
    if (char === ' ') {
      at += 1;
    } else if (char === '#') {
      break;
    } else if (isMark(line, at)) {
      tokens.push({ kind: 'mark', text: char });
      at += 1;
    } else {
      const end = endOf(line, at, position);
      tokens.push(read(line.slice(at, end), position));
      at = end;
    }
  }
  return tokens;
}

function isMark(line: string, at: number): boolean {
  const char = line.charAt(at);
  // A plus inside a word, as in 1e+9, is no mark.
  return '()|;'.includes(char) || (char === '+' && [' ', ''].includes(line.charAt(at + 1)));
}

function endOf(line: string, at: number, position: Position): number {
  const char = line.charAt(at);
  if (char === '"' || char === "'") return endOfString(line, at, position);
  if (char === '{' || char === '[') return endOfJson(line, at, position);
  let end = at;
  while (end < line.length && !' ()|;'.includes(line.charAt(end))) end += 1;
  return end;
}

function endOfString(line: string, at: number, position: Position): number {
  const quote = line.charAt(at);
  for (let end = at + 1; end < line.length; end += 1) {
    if (line.charAt(end) === '\\' && quote === '"') end += 1;
    else if (line.charAt(end) === quote) return end + 1;
  }
  throw new ScriptError(position, `a string that begins at column ${at + 1} has no end`);
}

function endOfJson(line: string, at: number, position: Position): number {
  let depth = 0;
  for (let end = at; end < line.length; end += 1) {
    const char = line.charAt(end);
    if (char === '"') end = endOfString(line, end, position) - 1;
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') depth -= 1;
    if (depth === 0) return end + 1;
  }
  throw new ScriptError(position, `JSON that begins at column ${at + 1} has no end`);
}

function read(text: string, position: Position): Token {
  const first = text.charAt(0);
  if (first === "'") return { kind: 'string', text: text.slice(1, -1) };
  if (first === '{' || first === '[') return { kind: 'json', text };
  if (first !== '"') return { kind: 'word', text };
  try {
    return { kind: 'string', text: String(JSON.parse(text)) };
  } catch {
    throw new ScriptError(position, `${text} has an escape that JSON does not know`);
  }
}
