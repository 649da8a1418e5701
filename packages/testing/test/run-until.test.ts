import { expect, it } from 'vitest';
import { runUntil, SimClock } from '../src/index.js';

const chain = async (length: number, end: () => void): Promise<void> => {
  for (let link = 0; link < length; link++) await undefined;
  end();
};

it('lets every promise do all that it can before the next event, at the same time too', async () => {
  const clock = new SimClock();
  const seen: string[] = [];
  clock.after(1, () => void chain(1_000, () => seen.push('promises')));
  clock.after(1, () => seen.push('event'));
  await runUntil(clock, 10, () => false);
  expect(seen).toEqual(['promises', 'event']);
});

it('drains what its caller has begun before the first event', async () => {
  const clock = new SimClock();
  const seen: string[] = [];
  clock.after(0, () => seen.push('event'));
  void chain(1_000, () => seen.push('promises'));
  await runUntil(clock, 10, () => false);
  expect(seen).toEqual(['promises', 'event']);
});

it('ends where it is done, and lets time wait for what `stepped` returns', async () => {
  const clock = new SimClock();
  let steps = 0;
  for (const at of [1, 2, 3]) clock.after(at, () => {});
  const slow = async (): Promise<void> => {
    await new Promise(setImmediate);
    steps += 1;
  };
  await runUntil(clock, 10, () => steps === 3, slow);
  expect(clock.now).toBe(2);
});

it('rejects with what an event, a step or the condition throws', async () => {
  const fails = (): never => {
    throw new Error('no');
  };
  const clock = new SimClock();
  clock.after(1, fails);
  await expect(runUntil(clock, 10, () => false)).rejects.toThrow('no');
  await expect(runUntil(clock, 10, fails)).rejects.toThrow('no');
  await expect(runUntil(clock, 10, () => false, fails)).rejects.toThrow('no');
  await expect(
    runUntil(
      clock,
      10,
      () => false,
      async () => fails(),
    ),
  ).rejects.toThrow('no');
});
