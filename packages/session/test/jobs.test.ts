import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Job, type JobResult, OrderedJobs } from '../src/index.js';
import { utf8 } from './support/bytes.js';

const job: Job = { kind: 'sign', bytes: utf8('x') };

/** Lets every promise that is settled be seen. */
const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

function recorded(execute: (job: Job) => Promise<JobResult>) {
  const log: unknown[] = [];
  const jobs = new OrderedJobs({
    execute,
    complete: (result) => void log.push(result),
    completed: () => void log.push('completed'),
  });
  return { jobs, log };
}

describe('OrderedJobs', () => {
  it('hands results on in the order of asking, however they come', async () => {
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 }), async (order) => {
        const settle: ((result: JobResult) => void)[] = [];
        const { jobs, log } = recorded(() => new Promise((resolve) => settle.push(resolve)));
        for (let index = 0; index < 6; index += 1) jobs.run(job);
        expect(jobs.size).toBe(6);
        for (const index of order) {
          settle[index]?.(Uint8Array.of(index));
          await turn();
        }
        expect(log.filter((entry) => entry !== 'completed')).toEqual(
          [0, 1, 2, 3, 4, 5].map((index) => Uint8Array.of(index)),
        );
        expect(jobs.size).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  it('says so after each run of results', async () => {
    const settle: ((result: JobResult) => void)[] = [];
    const { jobs, log } = recorded(() => new Promise((resolve) => settle.push(resolve)));
    for (let index = 0; index < 3; index += 1) jobs.run(job);
    settle[1]?.(true);
    await turn();
    expect(log).toEqual([]);
    settle[0]?.(true);
    await turn();
    expect(log).toEqual([true, true, 'completed']);
    settle[2]?.(false);
    await turn();
    expect(log).toEqual([true, true, 'completed', false, 'completed']);
  });

  it('takes a rejection and a throw for a failed job', async () => {
    const no = new Error('no');
    const ways = [
      () => Promise.reject(no),
      () => Promise.reject('no Error'),
      () => {
        throw no;
      },
      () => Promise.resolve(true),
    ];
    const { jobs, log } = recorded(() => (ways.shift() ?? expect.unreachable)());
    for (let index = 0; index < 4; index += 1) jobs.run(job);
    await turn();
    expect(log.filter((entry) => entry !== 'completed')).toEqual([no, undefined, no, true]);
  });

  it('gives each result with its job', async () => {
    const given: unknown[] = [];
    const jobs = new OrderedJobs({
      execute: async ({ bytes }) => bytes.length === 1,
      complete: (result, { bytes }) => void given.push([result, bytes]),
      completed: () => undefined,
    });
    jobs.run({ kind: 'sign', bytes: utf8('x') });
    jobs.run({ kind: 'sign', bytes: utf8('yz') });
    await turn();
    expect(given).toEqual([
      [true, utf8('x')],
      [false, utf8('yz')],
    ]);
  });

  it('may be given a job while it hands results on', async () => {
    let left = 3;
    const jobs: OrderedJobs = new OrderedJobs({
      execute: () => Promise.resolve(true),
      complete: () => {
        left -= 1;
        if (left > 0) jobs.run(job);
      },
      completed: () => undefined,
    });
    jobs.run(job);
    await turn();
    expect(left).toBe(0);
    expect(jobs.size).toBe(0);
  });
});
