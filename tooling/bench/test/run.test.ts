import { describe, expect, it } from 'vitest';
import { type Figure, holds, holdsAnywhere } from '../src/benchmark.js';
import { percentile } from '../src/lab/sample.js';
import type { Result } from '../src/run/run-benchmark.js';
import { table } from '../src/run/table.js';

const figures: readonly Figure[] = [
  { what: 'lost', value: 0, unit: '', most: 0 },
  { what: 'rate', value: 12.345, unit: 'thousand/s', least: 20 },
  { what: 'memory', value: 1_234, unit: 'MiB' },
];
const result: Result = {
  name: 'x',
  measures: 'one thing',
  target: 'none lost',
  covers: ['N1'],
  scale: 'small',
  seconds: 2.4,
  figures,
};

describe('a figure', () => {
  it('holds at its bounds and between them', () => {
    const values = [0, 1, 2, 3, 4];
    expect(values.filter((value) => holds({ what: '', value, unit: '', least: 1, most: 3 }))).toEqual([
      1, 2, 3,
    ]);
    expect(holds({ what: '', value: Number.POSITIVE_INFINITY, unit: '' })).toBe(true);
    expect(holds({ what: '', value: Number.NaN, unit: '', most: 1 })).toBe(false);
  });
});

describe('a goal that is known to be missed', () => {
  it('is held to what was reached', () => {
    const keeps = (value: number) => holdsAnywhere({ what: '', value, unit: '', most: 3, reached: 4 });
    expect([2, 4, 5].map(keeps)).toEqual([true, true, false]);
    expect(holdsAnywhere({ what: '', value: 2, unit: '', least: 3, reached: 2 })).toBe(true);
    expect(holdsAnywhere({ what: '', value: 1, unit: '', least: 3, reached: 2 })).toBe(false);
    expect(holdsAnywhere({ what: '', value: 4, unit: '', most: 3 })).toBe(false);
    expect(holdsAnywhere({ what: '', value: 4, unit: '', most: 3, timing: true })).toBe(true);
  });
});

describe('a result', () => {
  it('is told with its bounds and what became of them', () => {
    expect(table(result).split('\n')).toEqual([
      'x [N1], scale small, 2 s',
      '  one thing',
      '  goal: none lost',
      '  lost                   0  ok (at most 0)',
      '  rate     12.3 thousand/s  MISSED (at least 20)',
      '  memory         1,234 MiB',
      '',
    ]);
  });
});

describe('percentile', () => {
  it('takes the value below which that part of all lies', () => {
    const values = Array.from({ length: 100 }, (_, n) => 99 - n);
    expect([0, 0.5, 0.99, 1].map((part) => percentile(values, part))).toEqual([0, 50, 99, 99]);
    expect(percentile([], 0.5)).toBe(0);
  });
});
