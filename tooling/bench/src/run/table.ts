import { type Figure, holds } from '../benchmark.js';
import type { Result } from './run-benchmark.js';

/** One benchmark for the terminal. */
export function table({ name, measures, target, covers, scale, seconds, figures, error }: Result): string {
  const tags = covers.length === 0 ? '' : ` [${covers.join(', ')}]`;
  const head = [
    `${name}${tags}, scale ${scale}, ${seconds.toFixed(0)} s`,
    `  ${measures}`,
    `  goal: ${target}`,
  ];
  if (error !== undefined) return [...head, `  FAILED: ${error}`, ''].join('\n');
  const width = Math.max(...figures.map(({ what }) => what.length));
  const lines = figures.map((figure) => {
    const bound = bounds(figure);
    const verdict = bound === '' ? '' : `  ${holds(figure) ? 'ok' : 'MISSED'} (${bound})`;
    return `  ${figure.what.padEnd(width)}  ${measured(figure).padStart(16)}${apart(figure)}${verdict}`;
  });
  return [...head, ...lines, ''].join('\n');
}

function apart({ spread }: Figure): string {
  return spread === undefined ? '' : ` (${amount(spread[0])} to ${amount(spread[1])})`.padEnd(18);
}

function measured({ value, unit }: Figure): string {
  return `${amount(value)} ${unit}`.trim();
}

export function bounds({ least, most }: Figure): string {
  if (least !== undefined && least === most) return amount(least);
  const both = [];
  if (least !== undefined) both.push(`at least ${amount(least)}`);
  if (most !== undefined) both.push(`at most ${amount(most)}`);
  return both.join(', ');
}

export function amount(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString('en');
  return value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 });
}
