import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { blocksOf, mergeSource, type Source, sourceIn } from '../engine/coverage.js';
import type { Finding, Result } from '../engine/engine.js';
import { pathOf } from './source-urls.js';

/** All that the tasks of one target came to. */
export class Summary {
  readonly target: string;
  readonly #corpusSize: number;
  readonly #sources = new Map<string, Source>();
  readonly found: Uint8Array[] = [];
  executions = 0;
  slowest: Result['slowest'] = { milliseconds: 0, input: new Uint8Array(0) };

  constructor(target: string, corpusSize: number) {
    this.target = target;
    this.#corpusSize = corpusSize;
  }

  add(result: Result): void {
    this.executions += result.executions;
    this.found.push(...result.found);
    if (result.slowest.milliseconds > this.slowest.milliseconds) this.slowest = result.slowest;
    for (const [url, source] of result.sources) mergeSource(sourceIn(this.#sources, url), source);
  }

  /** One line of the table. */
  line(): string {
    let [total, missed] = [0, 0];
    for (const source of this.#sources.values()) {
      const blocks = blocksOf(source);
      total += blocks.total;
      missed += blocks.missed.length;
    }
    const { milliseconds, input } = this.slowest;
    return [
      this.target.padEnd(22),
      String(this.executions).padStart(10),
      `${total - missed}/${total}`.padStart(9),
      `${this.#corpusSize}+${this.found.length}`.padStart(8),
      `${milliseconds.toFixed(2)} ms for ${input.length} bytes`.padStart(24),
    ].join(' ');
  }

  /** Where the blocks begin that no input reached, as path:line. */
  missed(): string[] {
    return [...this.#sources].flatMap(([url, source]) => {
      const text = readFileSync(fileURLToPath(url), 'utf8');
      const lines = blocksOf(source).missed.map((at) => text.slice(0, at).split('\n').length);
      return [...new Set(lines)].map(
        (line) => `${pathOf(url)}:${line}  ${text.split('\n')[line - 1]?.trim()}`,
      );
    });
  }
}

export const tableHead = [
  'target'.padEnd(22),
  'executions'.padStart(10),
  'blocks'.padStart(9),
  'corpus'.padStart(8),
  'slowest call'.padStart(24),
].join(' ');

export function isFinding(result: Result | Finding): result is Finding {
  return 'words' in result;
}
