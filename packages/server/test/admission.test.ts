import { describe, expect, it } from 'vitest';
import { Admission, Gate, type Pass } from '../src/admission.js';
import { defaultFailedHandshakeLimits } from '../src/failed-handshakes.js';
import { StallWatch } from '../src/stall-watch.js';

describe('admission', () => {
  it('frees a place once, however often it is left', () => {
    const admission = new Admission({ maxHandshakes: 2, maxHandshakesPerAddress: 1 }, false, () => 0);
    const pass = admission.enter('192.0.2.1');
    expect(admission.enter('192.0.2.1')).toBe('maxHandshakesPerAddress');
    expect(admission.enter('192.0.2.2')).toBeTypeOf('object');
    expect(admission.enter('192.0.2.3')).toBe('maxHandshakes');
    if (typeof pass === 'string') expect.unreachable();
    pass.proved();
    pass.leave(false);
    pass.leave(false);
    expect(admission.enter('192.0.2.1')).toBeTypeOf('object');
    expect(admission.enter('192.0.2.3')).toBe('maxHandshakes');
  });

  it('charges what cost RSA and came to nothing by the fault of the peer, and only that', () => {
    const limits = { ...defaultFailedHandshakeLimits, burstPerAddress: 2 };
    const admission = new Admission({ maxHandshakes: 9, maxHandshakesPerAddress: 9 }, limits, () => 0);
    const enter = (): Pass => {
      const pass = admission.enter('192.0.2.1');
      return typeof pass === 'string' ? expect.unreachable() : pass;
    };
    const exceeded = () => enter().charge();
    for (let n = 0; n < 3; n++) {
      enter().leave(false);
      const ours = enter();
      expect(ours.charge()).toBeUndefined();
      ours.leave(true);
    }
    for (let n = 0; n < 2; n++) {
      const theirs = enter();
      expect(theirs.charge()).toBeUndefined();
      theirs.leave(false);
      theirs.leave(false);
    }
    const refused = enter();
    expect(refused.charge()).toBe('failedHandshakes.perSecondPerAddress');
    // What was refused cost nothing.
    refused.leave(false);
    const good = enter();
    good.proved();
    expect(exceeded()).toBeUndefined();
  });
});

describe('gate', () => {
  it('runs so many at a time, the others in their order, also after a failure', async () => {
    const gate = new Gate(1, 2);
    const trace: string[] = [];
    const task = (name: string) => async () => {
      trace.push(`${name} starts`);
      await Promise.resolve();
      trace.push(`${name} ends`);
      if (name === 'a') throw new Error(name);
    };
    const runs = [gate.run(task('a')), gate.run(task('b')), gate.run(task('c'))];
    expect(gate.full).toBe(true);
    await Promise.allSettled(runs);
    expect(trace).toEqual(['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends']);
    expect(gate.full).toBe(false);
  });
});

describe('gate with a line for those that are known', () => {
  it('lets them go before the others, and counts both', async () => {
    const gate = new Gate(1, 3);
    const trace: string[] = [];
    const task = (name: string) => async () => void trace.push(name);
    const runs = [
      gate.run(task('a')),
      gate.run(task('b')),
      gate.run(task('c'), true),
      gate.run(task('d'), true),
    ];
    expect(gate.full).toBe(true);
    await Promise.all(runs);
    expect(trace).toEqual(['a', 'c', 'd', 'b']);
  });
});

describe('stall watch', () => {
  it('sees what drains although more is sent', () => {
    let now = 0;
    const link = {
      bufferedBytes: 0,
      send(frames: readonly Uint8Array[]) {
        for (const frame of frames) link.bufferedBytes += frame.length;
      },
    };
    const watch = new StallWatch(link, () => now);
    watch.send([new Uint8Array(100)]);
    now = 10;
    expect(watch.stalledFor()).toBe(10);
    link.bufferedBytes -= 1;
    watch.send([new Uint8Array(100)]);
    now = 15;
    expect(watch.stalledFor()).toBe(5);
    watch.send([new Uint8Array(100)]);
    now = 30;
    expect(watch.stalledFor()).toBe(20);
    link.bufferedBytes = 0;
    expect(watch.stalledFor()).toBe(0);
  });
});
