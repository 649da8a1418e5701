import { describe, expect, it } from 'vitest';
import { Admission, type Pass } from '../src/admission.js';
import { defaultFailedHandshakeLimits, type FailedHandshakeLimits } from '../src/failed-handshakes.js';
import { type Caller, Gate } from '../src/gate.js';
import { KnownNetworks } from '../src/known-networks.js';
import { defaultServerLimits, type ServerLimits } from '../src/limits.js';
import { StallWatch } from '../src/stall-watch.js';

function admit(given: Partial<ServerLimits> = {}, failures: FailedHandshakeLimits | false = false) {
  const time = { now: 0 };
  const admission = new Admission({ ...defaultServerLimits, ...given }, failures, () => time.now);
  /** Links that had to make room. */
  const gone: string[] = [];
  /** Because of what. */
  const limits: string[] = [];
  const attempt = (address: string) => {
    const entered = admission.enter(address, (limit) => {
      gone.push(address);
      limits.push(limit);
      if (typeof entered === 'object') entered.leave(false);
    });
    return entered;
  };
  const enter = (address: string): Pass => {
    const entered = attempt(address);
    return typeof entered === 'string' ? expect.unreachable(entered) : entered;
  };
  return { time, gone, limits, attempt, enter };
}

/** One of so many networks. */
const from = (n: number) => `10.${n >> 16}.${(n >> 8) & 0xff}.${n & 0xff}`;
const trader = '192.0.2.1';

describe('admission', () => {
  it('frees a place once, however often it is left', () => {
    const { attempt, enter } = admit({ maxHandshakes: 2, maxHandshakesPerAddress: 1 });
    const pass = enter('192.0.2.1');
    expect(attempt('192.0.2.1')).toBe('maxHandshakesPerAddress');
    enter('192.0.2.2');
    expect(attempt('192.0.2.3')).toBe('maxHandshakes');
    pass.proved('alice');
    pass.leave(false);
    pass.leave(false);
    enter('192.0.2.1');
    expect(attempt('192.0.2.3')).toBe('maxHandshakes');
  });

  it('counts the addresses of one network together, and each IPv4 address alone', () => {
    const { attempt, enter } = admit({ maxHandshakesPerAddress: 1 });
    enter('2001:db8:0:1::1');
    expect(attempt('2001:db8:0:1::2')).toBe('maxHandshakesPerAddress');
    enter('::ffff:c000:201');
    expect(attempt('192.0.2.1')).toBe('maxHandshakesPerAddress');
    enter('::ffff:c000:202');
  });

  it('charges what cost RSA and came to nothing by the fault of the peer, and only that', () => {
    const { enter } = admit({}, { ...defaultFailedHandshakeLimits, burstPerAddress: 2 });
    const exceeded = () => enter(trader).exceeded();
    for (let n = 0; n < 3; n++) {
      enter(trader).leave(false);
      const ours = enter(trader);
      expect(ours.exceeded()).toBeUndefined();
      ours.charge();
      ours.leave(true);
    }
    for (let n = 0; n < 2; n++) {
      const theirs = enter(trader);
      expect(theirs.exceeded()).toBeUndefined();
      theirs.charge();
      theirs.leave(false);
      theirs.leave(false);
    }
    const refused = enter(trader);
    expect(refused.exceeded()).toBe('failedHandshakes.perSecondPerAddress');
    // What was refused cost nothing.
    refused.leave(false);
    const good = enter(trader);
    good.proved('alice');
    expect(exceeded()).toBeUndefined();
  });

  it('keeps a quarter of its places for networks with a good proof, however many others come [M2]', () => {
    const { attempt, enter } = admit({ maxHandshakes: 100, maxHandshakesPerAddress: 25 });
    enter(trader).proved('alice');
    for (let n = 0; n < 10_000; n++) expect(typeof attempt(from(n))).toBe(n < 75 ? 'object' : 'string');
    for (let n = 0; n < 25; n++) expect(enter(trader).caller).toBe('known');
    expect(attempt(trader)).not.toBeTypeOf('object');
  });

  it('lets the one that keeps it waiting for the longest make room, not those that it works on [M2]', () => {
    const { attempt, enter, gone, time } = admit({ maxHandshakes: 4 });
    const [working, answered] = [enter(from(1)), enter(from(2))];
    for (const pass of [working, answered]) pass.waits(false);
    enter(from(3));
    time.now = 499;
    answered.waits(true);
    expect(attempt(from(4))).toBe('maxHandshakes');
    time.now = 500;
    enter(from(4));
    expect(attempt(from(5))).toBe('maxHandshakes');
    time.now = 999;
    enter(from(5));
    time.now = 60_000;
    enter(from(6));
    enter(from(7));
    expect(attempt(from(8))).toBe('maxHandshakes');
    expect(gone).toEqual([3, 2, 4, 5].map(from));
  });

  it('lets nobody who is known make room for a stranger, and strangers go before them [M2]', () => {
    const { attempt, enter, gone, time } = admit({ maxHandshakes: 4 });
    enter(trader).proved('alice');
    for (let n = 0; n < 3; n++) enter(trader);
    time.now = 1_000;
    enter(from(1));
    time.now = 2_000;
    expect(attempt(from(2))).toBeTypeOf('object');
    time.now = 3_000;
    enter(trader);
    expect(attempt(from(3))).toBe('maxHandshakes');
    enter(trader);
    expect(gone).toEqual([from(1), from(2), trader]);
  });

  it('lets the links of one network make room for each other, and for no other network [S19, M2]', () => {
    const { attempt, enter, gone, limits, time } = admit({ maxHandshakesPerAddress: 2 });
    enter(trader).waits(false);
    enter(from(1));
    enter(trader);
    time.now = 499;
    expect(attempt(trader)).toBe('maxHandshakesPerAddress');
    time.now = 500;
    const alice = enter(trader);
    expect(attempt(trader)).toBe('maxHandshakesPerAddress');
    alice.proved('alice');
    enter(trader);
    expect(attempt(trader)).toBe('maxHandshakesPerAddress');
    expect([gone, limits]).toEqual([[trader], ['maxHandshakesPerAddress']]);
  });

  it('forgets a network whose only link made room, and counts it anew', () => {
    const { attempt, enter, time } = admit({ maxHandshakesPerAddress: 1 });
    for (time.now = 0; time.now < 2_000; time.now += 500) {
      enter(trader);
      expect(attempt(trader)).toBe('maxHandshakesPerAddress');
    }
  });

  it('charges whoever had to make room after it had cost RSA', () => {
    const limits = { ...defaultFailedHandshakeLimits, burstPerAddress: 1 };
    const { enter, time } = admit({ maxHandshakes: 1 }, limits);
    const pass = enter(from(1));
    pass.charge();
    pass.waits(true);
    time.now = 500;
    enter(from(2)).leave(true);
    expect(enter(from(1)).exceeded()).toBe('failedHandshakes.perSecondPerAddress');
  });

  it('lets clients in beside silent links that 10,000 networks open as fast as they can [M2, M4]', () => {
    const { attempt, enter, time, gone } = admit();
    enter(trader).proved('alice');
    const tried = { trader: 0, newcomer: 0 };
    const refused = { trader: 0, newcomer: 0 };
    const come = (who: 'trader' | 'newcomer', address: string): void => {
      tried[who] += 1;
      const entered = attempt(address);
      if (typeof entered === 'string') refused[who] += 1;
      else entered.leave(true);
    };
    for (let n = 0; n < 100_000; n++) {
      time.now = n / 10;
      attempt(from(n % 10_000));
      if (n % 100 === 0) come('trader', trader);
      if (n % 100 === 50) come('newcomer', `172.${n >> 16}.${(n >> 8) & 0xff}.${n & 0xff}`);
    }
    expect(gone.length).toBeGreaterThan(10_000);
    expect(refused.trader).toBe(0);
    // Refused ones dial again after a while.
    expect(refused.newcomer).toBeLessThan(0.98 * tried.newcomer);
  });
});

describe('known networks', () => {
  it('are the last four of each client, so that none pushes out those of others', () => {
    const known = new KnownNetworks(3);
    known.add(trader, 'alice');
    for (let n = 0; n < 1_000; n++) known.add(`2001:db8:0:${n.toString(16)}`, 'mallory');
    expect(known.has(trader)).toBe(true);
    expect(known.has('2001:db8:0:3e3')).toBe(false);
    expect(known.has('2001:db8:0:3e4')).toBe(true);
    known.add('2001:db8:0:3e4', 'mallory');
    known.add('home', 'mallory');
    expect([0x3e4, 0x3e5, 0x3e6].map((n) => known.has(`2001:db8:0:${n.toString(16)}`))).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('are forgotten with the client that proved itself the longest ago, unless another one is there', () => {
    const known = new KnownNetworks(2);
    known.add('office', 'alice');
    known.add('home', 'alice');
    known.add('office', 'bob');
    known.add('elsewhere', 'carol');
    expect(['office', 'home', 'elsewhere'].map((network) => known.has(network))).toEqual([true, false, true]);
    known.add('elsewhere', 'dave');
    expect(known.has('office')).toBe(false);
  });
});

describe('gate', () => {
  const traced = () => {
    const trace: string[] = [];
    return { trace, task: (name: string) => async () => void trace.push(name) };
  };

  it('runs so many at a time, the others in their order, also after a failure', async () => {
    const gate = new Gate(1, 2);
    const trace: string[] = [];
    const task = (name: string) => async () => {
      trace.push(`${name} starts`);
      await Promise.resolve();
      trace.push(`${name} ends`);
      if (name === 'a') throw new Error(name);
    };
    const runs = ['a', 'b', 'c'].map((name) => gate.run('stranger', task(name)));
    expect(gate.full('stranger')).toBe(true);
    await Promise.allSettled(runs);
    expect(trace).toEqual(['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends']);
    expect(gate.full('stranger')).toBe(false);
  });

  it('lets those that are known go first, and keeps a quarter of the line for them', async () => {
    const gate = new Gate(1, 4);
    const { trace, task } = traced();
    const runs: Promise<void>[] = [];
    const run = (caller: Caller, name: string) => void runs.push(gate.run(caller, task(name)));
    for (const name of ['a', 'b', 'c', 'd']) run('stranger', name);
    expect(['stranger', 'known'].map((caller) => gate.full(caller as Caller))).toEqual([true, false]);
    run('known', 'e');
    expect(gate.full('known')).toBe(true);
    await Promise.all(runs);
    expect(trace).toEqual(['a', 'e', 'b', 'c', 'd']);
  });

  it('lets a stranger go after three that are known, so that it never waits for ever', async () => {
    const gate = new Gate(1, 100);
    const { trace, task } = traced();
    let coming = 40;
    const runs: Promise<void>[] = [];
    const known = (): Promise<void> =>
      gate.run('known', async () => {
        trace.push('known');
        coming -= 1;
        if (coming > 0) runs.push(known());
      });
    runs.push(known(), known(), gate.run('stranger', task('s1')), gate.run('stranger', task('s2')));
    while (coming > 0) await new Promise<void>((resolve) => setImmediate(resolve));
    await Promise.all(runs);
    expect([trace.indexOf('s1'), trace.indexOf('s2')]).toEqual([4, 8]);
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
    const watch = new StallWatch(link, { now: () => now });
    watch.send([new Uint8Array(100)]);
    now = 10;
    expect(watch.stalledFor(false)).toBe(10);
    link.bufferedBytes -= 1;
    watch.send([new Uint8Array(100)]);
    now = 15;
    expect(watch.stalledFor(false)).toBe(5);
    watch.send([new Uint8Array(100)]);
    now = 30;
    expect(watch.stalledFor(false)).toBe(20);
    link.bufferedBytes = 0;
    expect(watch.stalledFor(false)).toBe(0);
  });
});
