import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Beside `src` and `dist`. */
export const corpusFolder = fileURLToPath(new URL('../../corpus/', import.meta.url));

/** Inputs that once broke something begin so; they stay whatever else reaches the same code. */
export const bugPrefix = 'bug-';

export interface CorpusEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export function readCorpus(target: string): CorpusEntry[] {
  const folder = join(corpusFolder, target);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => ({ name, bytes: new Uint8Array(readFileSync(join(folder, name))) }));
}

/** Makes the folder hold these, and the bugs that it holds. */
export function writeCorpus(target: string, inputs: readonly Uint8Array[]): void {
  const folder = join(corpusFolder, target);
  mkdirSync(folder, { recursive: true });
  const names = new Set(inputs.map(nameOf));
  for (const { name } of readCorpus(target)) {
    if (!name.startsWith(bugPrefix) && !names.has(name)) rmSync(join(folder, name));
  }
  for (const input of inputs) writeFileSync(join(folder, nameOf(input)), input);
}

export function nameOf(input: Uint8Array): string {
  return createHash('sha256').update(input).digest('hex').slice(0, 12);
}
