import { expect, it } from 'vitest';
import { runUntil, SimClock } from '../src/index.js';

it('runs events in the order of their times, and those of one time in the order of their making', async () => {
  const clock = new SimClock();
  const ran: string[] = [];
  clock.after(20, () => ran.push('c'));
  clock.after(10, () => ran.push('a'));
  clock.after(10, () => ran.push('b'));
  await runUntil(clock, 15, () => false);
  expect(ran).toEqual(['a', 'b']);
  expect(clock.now).toBe(10);
  await runUntil(clock, 20, () => false);
  expect(ran).toEqual(['a', 'b', 'c']);
});

it('keeps its order under 1,000 timers of which every third is cancelled', async () => {
  const clock = new SimClock();
  const times = Array.from({ length: 1_000 }, (_, index) => (index * 7_919) % 1_009);
  const ran: number[] = [];
  const cancels = times.map((at) => clock.after(at, () => ran.push(at)));
  cancels.forEach((cancel, index) => {
    if (index % 3 === 0) cancel();
  });
  expect(clock.waiting).toBe(666);
  await runUntil(clock, 2_000, () => false);
  expect(ran).toEqual(times.filter((_, index) => index % 3 !== 0).sort((one, other) => one - other));
});

it('moves the wall clock alone', () => {
  const clock = new SimClock();
  const before = clock.wallSeconds;
  clock.jumpWall(-3_600);
  expect(clock.wallSeconds).toBe(before - 3_600);
  expect(clock.now).toBe(0);
});
