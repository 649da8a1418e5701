import { readFileSync } from 'node:fs';
import { type Evidence, parseCatalogue, problems, readTables, renderPage } from '@sealwire/scenarios';
import { describe, expect, it } from 'vitest';

const { tables, evidence } = readTables();

describe.each(tables)('$title', (table) => {
  it('is what the list and the tags make: else run `pnpm --filter @sealwire/scenarios table`', () => {
    expect(readFileSync(table.page, 'utf8')).toBe(renderPage(table, evidence));
  });

  it('has every tag that is used, and something that shows every item', () => {
    expect(problems(table.sections, evidence)).toEqual([]);
  });
});

describe('the list', () => {
  const none: Evidence = {
    scenarios: new Map(),
    tests: new Map(),
    benchmarks: new Map(),
    simulated: new Set(),
  };
  const list = (...lines: string[]) => parseCatalogue('list', ['## One', ...lines].join('\n'));

  it('tells of an item that nothing shows', () => {
    expect(problems(list('N1 | a | b'), none)).toEqual(['N1 (a): nothing shows it, and no reason is given']);
  });

  it('takes a reason, a tag, a benchmark or a simulated fault for an answer', () => {
    const sections = list(
      'N1 | a | b | none why',
      'N2 | a | b',
      'N3 | a | b',
      'N4 | a | b',
      'N5 | a | b | sim cut',
    );
    const evidence: Evidence = {
      scenarios: new Map([['N2', new Map([['x.wire', 1]])]]),
      tests: new Map([['N3', new Set(['x.test.ts'])]]),
      benchmarks: new Map([['N4', new Set(['storm'])]]),
      simulated: new Set(['cut']),
    };
    expect(problems(sections, evidence)).toEqual([]);
  });

  it('tells of tags that it does not have, unless they belong to another list', () => {
    const evidence = {
      ...none,
      tests: new Map([
        ['N9', new Set(['x.test.ts'])],
        ['S1', new Set(['y.test.ts'])],
      ]),
    };
    expect(problems(list('N1 | a | b | none why'), evidence)).toEqual(['x.test.ts: the catalogue has no N9']);
  });

  it('tells of a kind of fault that the simulation does not have', () => {
    expect(problems(list('N1 | a | b | sim flood'), none)).toEqual([
      'N1: the simulation has no fault of the kind flood',
    ]);
  });

  it.each([
    ['N1 | a', 'list:2: an item is'],
    ['n1 | a | b', 'list:2: an item is'],
    ['N1 | a | b | perhaps', 'list:2: the last part is'],
    ['N1 | a | b\nN1 | a | b', 'list:3: N1 occurs twice'],
  ])('%j is refused with its line', (line, words) => {
    expect(() => list(line)).toThrow(words);
  });
});
