import { type Figure, holds } from '../benchmark.js';
import type { Run } from './run.js';
import type { Result } from './run-benchmark.js';
import { amount, bounds } from './table.js';

const begin = '<!-- measured: written by `pnpm bench --write` -->';
const end = '<!-- /measured -->';

/** Puts what was measured into a page of the docs, in place of what stands there between the two marks. */
export function withMeasured(page: string, measured: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no ${begin} and ${end}`);
  return `${page.slice(0, from + begin.length)}\n\n${measured}\n${page.slice(to)}`;
}

/**
 * What the runs of several versions of Node measured: all bounds in one table, then each benchmark.
 *
 * @param plot the file of the plot, beside the page
 */
export function measuredPart(runs: readonly Run[], plot?: string): string {
  const first = runs[0];
  if (first === undefined) return 'No run is recorded yet.\n';
  return [
    ...runs.map(origin),
    '',
    ...(plot === undefined ? [] : [`![Ratios and their goals](${plot})`, '']),
    '## Goals',
    '',
    `| | | goal | ${heads(runs)} |`,
    `| --- | --- | --- | ${runs.map(() => '---').join(' | ')} |`,
    ...first.results.flatMap((result) => goals(result, runs)),
    '',
    ...first.results.flatMap((result) => section(result, runs)),
  ].join('\n');
}

function origin({ node, date, machine, results }: Run): string {
  const { processor, cores, gibibytes, system } = machine;
  const minutes = Math.round(results.reduce((sum, { seconds }) => sum + seconds, 0) / 60);
  return `- Node ${node}: ${date}, ${cores} cores (${processor}), ${gibibytes} GiB, ${system}; ${minutes} min`;
}

function heads(runs: readonly Run[]): string {
  return runs.map(({ node }) => `Node ${node}`).join(' | ');
}

function goals({ name, figures, error }: Result, runs: readonly Run[]): string[] {
  if (error !== undefined) return [`| [${name}](#${name}) | failed | | ${runs.map(() => '').join(' | ')} |`];
  return figures
    .filter((figure) => bounds(figure) !== '')
    .map(
      (figure) =>
        `| [${name}](#${name}) | ${figure.what} | ${bounds(figure)} | ${cells(name, figure, runs)} |`,
    );
}

function section({ name, measures, target, covers, figures, error }: Result, runs: readonly Run[]): string[] {
  const tags = covers.length === 0 ? '' : ` [${covers.join(', ')}]`;
  const head = [`## ${name}`, '', `${capital(measures)}. Goal: ${target}.${tags}`, ''];
  if (error !== undefined) return [...head, 'It failed.', ''];
  return [
    ...head,
    `| | goal | ${heads(runs)} |`,
    `| --- | --- | ${runs.map(() => '---').join(' | ')} |`,
    ...figures.map((figure) => `| ${figure.what} | ${bounds(figure)} | ${cells(name, figure, runs)} |`),
    '',
  ];
}

/** The figure of that name in each run. */
function cells(name: string, { what }: Figure, runs: readonly Run[]): string {
  return runs
    .map(({ results }) => results.find((result) => result.name === name)?.figures)
    .map((figures) => figures?.find((figure) => figure.what === what))
    .map((figure) => (figure === undefined ? '–' : cell(figure)))
    .join(' | ');
}

function cell(figure: Figure): string {
  const { value, unit, spread } = figure;
  const apart = spread === undefined ? '' : ` (${amount(spread[0])} to ${amount(spread[1])})`;
  return `${`${amount(value)} ${unit}`.trim()}${apart}${holds(figure) ? '' : ', **missed**'}`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
