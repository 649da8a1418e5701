import { closeSync, existsSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { now } from './records.js';

/** A record without what every record has. */
export type Untimed<R> = R extends unknown ? Omit<R, 'at'> : never;

/**
 * A file with one record a line. `write` returns when the kernel has the line, so SIGKILL does not lose it; a machine
 * that stops would.
 */
export class Journal<R extends { readonly at: number }> {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, 'a');
  }

  write(record: Untimed<R>): void {
    writeSync(this.#file, `${JSON.stringify({ at: Math.round(now() * 1000) / 1000, ...record })}\n`);
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** Each process of a program has a file of its own. */
export const journalPath = (folder: string, name: string, boot: number): string =>
  join(folder, `${name}.${String(boot).padStart(6, '0')}.jsonl`);

/** A process may have been killed within its last line. */
export function readJournal<R>(path: string): R[] {
  if (!existsSync(path)) return [];
  const text = readFileSync(path, 'utf8');
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as R);
}

/** The records of all processes of one name, in their order. */
export function readJournals<R>(folder: string, name: string): R[] {
  return readdirSync(folder)
    .filter((file) => file.startsWith(`${name}.`) && file.endsWith('.jsonl'))
    .sort()
    .flatMap((file) => readJournal<R>(join(folder, file)));
}
