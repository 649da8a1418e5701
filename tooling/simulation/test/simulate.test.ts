import { describe, expect, it } from 'vitest';
import { defaultSize, makePlan, simulate } from '../src/index.js';
import { runBatch } from '../src/run/batch.js';

describe('random schedules', () => {
  it('of 200 messages each way, 5 reconnects and 3 kinds of fault break no invariant', async () => {
    const { ran, failures } = await runBatch({ from: 1, count: 60, size: defaultSize, first: false });
    expect(failures).toEqual([]);
    expect(ran).toBe(60);
  }, 600_000);

  it('with real keys and real frames break no invariant', async () => {
    const size = { ...defaultSize, messages: 20, crypto: 'real' } as const;
    const { failures } = await runBatch({ from: 1, count: 4, size, first: false });
    expect(failures).toEqual([]);
  }, 600_000);
});

describe('a seed', () => {
  it('gives the same run each time, step by step', async () => {
    const [one, other] = [await simulate(makePlan(7)), await simulate(makePlan(7), { lines: true })];
    expect(other).toMatchObject({ hash: one.hash, steps: one.steps, lasted: one.lasted });
    expect(other.lines.length).toBeGreaterThan(400);
  }, 60_000);

  it('gives another run than the next one', async () => {
    const [one, other] = [await simulate(makePlan(8)), await simulate(makePlan(9))];
    expect(other.hash).not.toBe(one.hash);
  }, 60_000);

  it('gives a plan of the size that was asked for', () => {
    const plan = makePlan(3, { messages: 120, reconnects: 7, kinds: 3, crypto: 'stub' });
    expect(plan.work.filter(({ kind }) => kind === 'send')).toHaveLength(120);
    expect(plan.faults.length).toBeGreaterThanOrEqual(10);
    const numbers = plan.work.flatMap((work) => (work.kind === 'send' ? [work.n] : []));
    expect(numbers).toEqual([...numbers].sort((one, two) => one - two));
  });
});
