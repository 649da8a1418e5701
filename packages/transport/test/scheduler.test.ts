import { describe, expect, it } from 'vitest';
import { systemScheduler } from '../src/index.js';
import { virtualClock } from '../src/testkit.js';

describe('systemScheduler', () => {
  it('runs later, once, and never backwards', async () => {
    const start = systemScheduler.now();
    let runs = 0;
    await new Promise<void>((resolve) => {
      systemScheduler.after(5, () => {
        runs++;
        resolve();
      });
      expect(runs).toBe(0);
    });
    expect(runs).toBe(1);
    expect(systemScheduler.now()).toBeGreaterThanOrEqual(start);
  });

  it('does not fire at once when the wait is longer than a timer can be', async () => {
    let ran = false;
    const cancel = systemScheduler.after(2 ** 40, () => {
      ran = true;
    });
    await new Promise<void>((resolve) => systemScheduler.after(5, resolve));
    cancel();
    expect(ran).toBe(false);
  });

  it('runs what waits for nothing after what has come, also when the process was held up [C5, C2]', async () => {
    const seen: string[] = [];
    const { port1, port2 } = new MessageChannel();
    port2.onmessage = () => void seen.push('come');
    await new Promise<void>((resolve) => {
      systemScheduler.after(1, () => {
        port1.postMessage(0);
        systemScheduler.after(0, () => {
          seen.push('waited for nothing');
          resolve();
        });
        const until = systemScheduler.now() + 20;
        while (systemScheduler.now() < until);
      });
    });
    port1.close();
    expect(seen).toEqual(['come', 'waited for nothing']);
  });

  it('does not run what waits for nothing once that is cancelled', async () => {
    let ran = false;
    systemScheduler.after(0, () => {
      ran = true;
    })();
    await new Promise<void>((resolve) => systemScheduler.after(0, resolve));
    expect(ran).toBe(false);
  });

  it('stamps with the seconds of the wall clock', () => {
    expect(Math.abs(systemScheduler.wallSeconds() - Date.now() / 1000)).toBeLessThan(5);
  });
});

describe('virtualClock', () => {
  it('runs timers by their time, then by their making, each at its own time', () => {
    const clock = virtualClock({ wallSeconds: 100 });
    const log: string[] = [];
    const note = (name: string) => () => log.push(`${name}@${clock.now()}`);
    clock.after(20, note('late'));
    clock.after(10, note('first'));
    clock.after(10, () => {
      note('second')();
      clock.after(0, note('meanwhile'));
    });
    const cancel = clock.after(15, note('cancelled'));
    cancel();
    clock.advance(15);
    expect(log).toEqual(['first@10', 'second@10', 'meanwhile@10']);
    expect([clock.now(), clock.pending, clock.wallSeconds()]).toEqual([15, 1, 100.015]);
    expect(clock.step()).toBe(true);
    expect(log.at(-1)).toBe('late@20');
    expect(clock.step()).toBe(false);
  });
});
