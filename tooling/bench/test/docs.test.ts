import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Figure } from '../src/benchmark.js';
import { suiteNames } from '../src/benchmarks.js';
import { pathOf, rendered } from '../src/run/docs.js';
import { measuredPart, withMeasured } from '../src/run/page.js';
import { plot } from '../src/run/plot.js';
import type { Run } from '../src/run/run.js';

const figures: readonly Figure[] = [
  { what: 'a : b', value: 2, unit: '×', spread: [1.5, 2.5], least: 3, timing: true },
  { what: 'rate', value: 12.345, unit: 'thousand/s' },
];

function run(node: string, measured = figures, error?: string): Run {
  const result = {
    name: 'x',
    measures: 'one thing',
    target: 'three times',
    covers: ['N1'],
    scale: 'full' as const,
  };
  const machine = { processor: 'P', cores: 2, gibibytes: 23, system: 'Linux' };
  const results = [{ ...result, seconds: 120, figures: measured, ...(error !== undefined && { error }) }];
  return { node, date: '2026-01-02', machine, scale: 'full', results };
}

describe('the measured part of a page', () => {
  const lines = measuredPart(
    [run('20.1.0'), run('24.2.0', [{ ...figures[0], value: 4 } as Figure])],
    'p.svg',
  ).split('\n');

  it('says where it comes from', () => {
    expect(lines[0]).toBe('- Node 20.1.0: 2026-01-02, 2 cores (P), 23 GiB, Linux; 2 min');
    expect(lines).toContain('![Ratios and their goals](p.svg)');
  });

  it('has every goal in one table, misses included', () => {
    expect(lines).toContain('| | | goal | Node 20.1.0 | Node 24.2.0 |');
    expect(lines).toContain(
      '| [x](#x) | a : b | at least 3 | 2 × (1.5 to 2.5), **missed** | 4 × (1.5 to 2.5) |',
    );
  });

  it('has a section for each benchmark, and tells what a run has not measured', () => {
    expect(lines).toContain('One thing. Goal: three times. [N1]');
    expect(lines).toContain('| rate |  | 12.3 thousand/s | – |');
  });

  it('says that a benchmark failed, and not how', () => {
    const page = measuredPart([run('20.1.0', [], 'Error: no')]);
    expect(page).toContain('It failed.');
    expect(page).not.toContain('Error: no');
  });

  it('takes the place of what stood between the marks', () => {
    const page = (inside: string) =>
      `before\n<!-- measured: written by \`pnpm bench --write\` -->\n\n${inside}\n<!-- /measured -->\nafter\n`;
    expect(withMeasured(page('old'), 'new')).toBe(page('new'));
    expect(() => withMeasured('nothing', 'new')).toThrow('the page has no');
  });
});

describe('the plot', () => {
  it('draws each ratio with a goal, a miss as a ring', () => {
    const drawing = plot([run('20.1.0'), run('24.2.0', [{ ...figures[0], value: 4 } as Figure])]);
    expect(drawing.match(/x, a : b/g)).toHaveLength(1);
    expect(drawing.match(/r="4" fill="#ffffff"/g)).toHaveLength(1);
    expect(drawing).not.toContain('rate');
    expect(drawing).not.toContain('NaN');
  });
});

describe('the docs', () => {
  it.each(suiteNames)('have what the data file of %s says', (suite) => {
    for (const [file, content] of rendered(suite)) expect(readFileSync(pathOf(file), 'utf8')).toBe(content);
  });
});
