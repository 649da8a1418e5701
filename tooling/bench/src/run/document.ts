import { cpus, totalmem, type } from 'node:os';
import { holds } from '../benchmark.js';
import type { Result } from './run-benchmark.js';
import { bounds, measured } from './table.js';

/** The page of the docs that a full run writes. */
export function document(results: readonly Result[]): string {
  const lines = [
    '# Reliability, measured',
    '',
    'Written by `pnpm bench -- --write`, which also says how each row is measured: see [tooling/bench](../tooling/bench). One run of',
    `Node ${process.versions.node} on ${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()}. Server and clients shared the`,
    'machine, so times and rates are lower bounds; memory, order and completeness are not a matter of the machine.',
    '',
  ];
  for (const { name, measures, target, covers, figures, error } of results) {
    lines.push(
      `## ${name}`,
      '',
      `${capital(measures)}. Goal: ${target}.${covers.length > 0 ? ` [${covers.join(', ')}]` : ''}`,
      '',
    );
    if (error !== undefined) lines.push('It failed.', '');
    else lines.push('| | measured | bound | |', '| --- | --- | --- | --- |');
    for (const figure of figures) {
      const bound = bounds(figure);
      lines.push(
        `| ${figure.what} | ${measured(figure)} | ${bound} | ${bound === '' ? '' : holds(figure) ? 'kept' : '**missed**'} |`,
      );
    }
    lines.push('');
  }
  return lines.join('\n').replace(/\n+$/, '\n');
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
