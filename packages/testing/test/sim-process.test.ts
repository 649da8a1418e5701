import { expect, it } from 'vitest';
import { runUntil, SimClock, SimProcess } from '../src/index.js';

it('runs late timers first and then what has come from outside, after a stall', async () => {
  const clock = new SimClock();
  const process = new SimProcess('p', clock);
  const seen: string[] = [];
  process.scheduler.after(10, () => seen.push('timer'));
  process.freeze(100);
  process.enter(() => seen.push('input'));
  await runUntil(clock, 99, () => false);
  expect(seen).toEqual([]);
  await runUntil(clock, 100, () => false);
  expect(seen).toEqual(['timer', 'input']);
});

it('lets nothing in after its end', async () => {
  const clock = new SimClock();
  const process = new SimProcess('p', clock);
  const seen: string[] = [];
  process.onKill(() => seen.push('killed'));
  process.scheduler.after(10, () => seen.push('timer'));
  process.later(10, () => seen.push('input'));
  void process.settled(Promise.resolve()).then(() => seen.push('promise'));
  process.kill();
  await runUntil(clock, 100, () => false);
  expect(seen).toEqual(['killed']);
  expect(process.timers).toBe(0);
});

it('may have a wall clock ahead of the others', () => {
  const clock = new SimClock();
  const process = new SimProcess('p', clock);
  process.wallSkew = 300;
  expect(process.scheduler.wallSeconds()).toBe(clock.wallSeconds + 300);
  expect(process.scheduler.now()).toBe(clock.now);
});
