import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Suite, suites } from '../benchmarks.js';
import { measuredPart, withMeasured } from './page.js';
import { plot } from './plot.js';
import type { Run } from './run.js';

/** Files of `docs/`. */
export const docs: Readonly<Record<Suite, { page: string; data: string; plot?: string }>> = {
  speed: { page: 'performance.md', data: 'performance.json', plot: 'performance.svg' },
  reliability: { page: 'reliability-measured.md', data: 'reliability-measured.json' },
};

/** Adds runs to the docs of a suite; each takes the place of an earlier one of the same major version of Node. */
export function writeDocs(suite: Suite, fresh: readonly Run[]): void {
  const replaced = new Set(fresh.map(major));
  const runs = [...readRuns(suite).filter((run) => !replaced.has(major(run))), ...fresh]
    .map((run) => ({ ...run, results: run.results.filter(({ name }) => isOf(suite, name)) }))
    .toSorted((one, other) => major(one) - major(other));
  writeFileSync(pathOf(docs[suite].data), `${JSON.stringify({ runs }, null, 2)}\n`);
  for (const [file, content] of rendered(suite)) writeFileSync(pathOf(file), content);
}

/** What the page and the plot have to be, by what the data file says. */
export function rendered(suite: Suite): readonly (readonly [file: string, content: string])[] {
  const runs = readRuns(suite);
  const { page, plot: drawing } = docs[suite];
  const old = readFileSync(pathOf(page), 'utf8');
  const text = withMeasured(old, measuredPart(runs, drawing));
  return [
    [page, text],
    ...(drawing === undefined || runs.length === 0 ? [] : [[drawing, plot(runs)] as const]),
  ];
}

export function pathOf(file: string): string {
  return fileURLToPath(new URL(`../../../../docs/${file}`, import.meta.url));
}

function readRuns(suite: Suite): readonly Run[] {
  const path = pathOf(docs[suite].data);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { runs: Run[] }).runs : [];
}

function isOf(suite: Suite, name: string): boolean {
  return suites[suite].some((benchmark) => benchmark.name === name);
}

function major({ node }: Run): number {
  return Number.parseInt(node, 10);
}
