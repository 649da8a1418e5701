import type { Row } from './ledger.js';

const head = ['', 'sent', 'accepted', 'published', 'received', 'lost', 'doubled', 'reordered'];

/** A line for each row; what does not apply is a dash. */
export function tableText(rows: readonly Row[]): string {
  const cells = rows.map(({ name, sent, accepted, published, received, difference }) => [
    name,
    ...[sent, accepted, published, received, difference.lost, difference.doubled, difference.reordered].map(
      (count) => (count === undefined ? '-' : String(count)),
    ),
  ]);
  const lines = [head, ...cells];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) => line.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join('  '))
    .join('\n');
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}
