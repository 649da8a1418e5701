import { expect, it } from 'vitest';
import { StallWatch } from '../src/stall-watch.js';

function watched() {
  const link = { bufferedBytes: 0, send: () => {} };
  const clock = { now: () => time.now };
  const time = { now: 1_000 };
  return { link, time, watch: new StallWatch(link, clock) };
}

it('counts from the last byte that drained, or the last pong, whatever is sent meanwhile', () => {
  const { link, time, watch } = watched();
  link.bufferedBytes = 100;
  watch.send([]);
  time.now += 4_000;
  link.bufferedBytes = 300;
  watch.send([]);
  expect(watch.stalledFor(false)).toBe(4_000);
  link.bufferedBytes = 250;
  expect(watch.stalledFor(false)).toBe(0);
  time.now += 5_000;
  watch.ponged();
  expect(watch.stalledFor(false)).toBe(0);
  time.now += 10;
  expect(watch.stalledFor(false)).toBe(10);
  link.bufferedBytes = 0;
  expect(watch.stalledFor(false)).toBe(0);
});

it('counts from when a pong was first owed, or the last one came, also where all drains [M5]', () => {
  const { time, watch } = watched();
  time.now += 60_000;
  expect(watch.stalledFor(true)).toBe(0);
  time.now += 9_000;
  watch.send([]);
  expect(watch.stalledFor(true)).toBe(9_000);
  watch.ponged();
  expect(watch.stalledFor(true)).toBe(0);
  time.now += 9_999;
  expect(watch.stalledFor(true)).toBe(9_999);
});

it('counts anew where none was owed, or its server did not read, meanwhile', () => {
  const { time, watch } = watched();
  watch.stalledFor(true);
  time.now += 9_000;
  expect(watch.stalledFor(false)).toBe(0);
  time.now += 9_000;
  expect(watch.stalledFor(true)).toBe(0);
  time.now += 1;
  expect(watch.stalledFor(true)).toBe(1);
});
