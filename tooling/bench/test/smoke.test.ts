import { describe, expect, it } from 'vitest';
import { benchmarks, holdsAnywhere, runBenchmark, suites, table } from '../src/index.js';

/** Some wait for deadlines of the protocol, and machines may be slow. */
const timeout = 300_000;

/** What takes no time at all, or is not done, was not measured. */
const costs = ['×', 'thousand/s', '/s', 'µs', 'kB'];

/** Those first that wait most. */
const inTurn = new Set([...suites.reliability, ...benchmarks]);

describe('benchmark', () => {
  for (const benchmark of inTurn) {
    it.concurrent(titleOf(benchmark), { timeout }, async () => {
      const result = await runBenchmark(benchmark, 'smoke', { keys: 8 });
      expect(result.error).toBeUndefined();
      const broken = result.figures.filter((figure) => !holdsAnywhere(figure));
      expect(broken, table(result)).toEqual([]);
      const odd = result.figures.filter(
        ({ value, unit }) => !Number.isFinite(value) || (costs.includes(unit) && value <= 0),
      );
      expect(odd, table(result)).toEqual([]);
      expect(result.figures.some(({ least, most }) => least !== undefined || most !== undefined)).toBe(true);
    });
  }
});

function titleOf({ name, covers }: (typeof benchmarks)[number]): string {
  const tags = covers.length === 0 ? '' : ` [${covers.join(', ')}]`;
  return `${name} keeps every bound that is no matter of the machine's speed${tags}`;
}
