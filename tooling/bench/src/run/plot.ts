import { type Figure, holds } from '../benchmark.js';
import type { Run } from './run.js';

const [labels, axis, row, top, foot] = [300, 480, 24, 44, 48];
const [lowest, highest] = [0.05, 50];
const ticks = [0.1, 0.3, 1, 3, 10, 30];
const colours = ['#0b6fa4', '#c25d00', '#6a3d9a'];

/** Every ratio that has a goal, as a drawing: the median, the spread, the goal; the axis is logarithmic. */
export function plot(runs: readonly Run[]): string {
  const rows = (runs[0]?.results ?? []).flatMap(({ name, figures }) =>
    figures.filter(isPlotted).map((figure) => ({ name, figure })),
  );
  const bottom = top + rows.length * row;
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${labels + axis + 40}" height="${bottom + foot}" font-family="sans-serif" font-size="12" role="img">`,
    '<title>Ratios that were measured, and their goals</title>',
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    ...runs.map(({ node }, index) => legend(node, index)),
    ...ticks.map((tick) => grid(tick, bottom)),
    ...rows.flatMap(({ name, figure }, index) => plotted(name, figure, top + (index + 0.5) * row, runs)),
    `<text x="12" y="${bottom + 36}" fill="#555555">Dot: median, a ring where the goal is missed. Line: lowest to highest. Bar: the goal, with ◂ where less is better.</text>`,
    '</svg>',
    '',
  ];
  return lines.join('\n');
}

function isPlotted({ unit, least, most }: Figure): boolean {
  return unit === '×' && (least ?? most) !== undefined;
}

/** Where a ratio lies on the axis. */
function x(ratio: number): string {
  const part = Math.log(Math.min(highest, Math.max(lowest, ratio)) / lowest) / Math.log(highest / lowest);
  return (labels + axis * part).toFixed(1);
}

function legend(node: string, index: number): string {
  const at = labels + index * 130;
  return `<circle cx="${at + 5}" cy="16" r="4" fill="${colour(index)}"/><text x="${at + 14}" y="20">Node ${node}</text>`;
}

function grid(tick: number, bottom: number): string {
  const stroke = tick === 1 ? '#888888' : '#dddddd';
  return `<line x1="${x(tick)}" y1="${top - 8}" x2="${x(tick)}" y2="${bottom}" stroke="${stroke}"/><text x="${x(tick)}" y="${bottom + 14}" text-anchor="middle">${tick} ×</text>`;
}

function plotted(name: string, figure: Figure, y: number, runs: readonly Run[]): string[] {
  const { what, least, most = 1 } = figure;
  const goal = x(least ?? most);
  return [
    `<text x="${labels - 12}" y="${y + 4}" text-anchor="end">${escaped(`${name}, ${what}`)}</text>`,
    `<rect x="${Number(goal) - 1.5}" y="${y - 9}" width="3" height="18" fill="#222222"/>`,
    ...(least === undefined ? [`<text x="${Number(goal) - 14}" y="${y + 4}">◂</text>`] : []),
    ...runs.flatMap(({ results }, index) => {
      const found = results
        .find((result) => result.name === name)
        ?.figures.find((each) => each.what === what);
      return found === undefined ? [] : mark(found, y + 5 * (index - (runs.length - 1) / 2), index);
    }),
  ];
}

function mark(figure: Figure, y: number, index: number): string[] {
  const { value, spread = [value, value] } = figure;
  // A goal that is missed is a ring.
  const fill = holds(figure) ? colour(index) : '#ffffff';
  return [
    `<line x1="${x(spread[0])}" y1="${y}" x2="${x(spread[1])}" y2="${y}" stroke="${colour(index)}" stroke-width="2"/>`,
    `<circle cx="${x(value)}" cy="${y}" r="4" fill="${fill}" stroke="${colour(index)}" stroke-width="1.5"/>`,
  ];
}

function colour(index: number): string {
  return colours[index % colours.length] ?? '#000000';
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
