import { virtualClock } from '@sealwire/transport/testkit';
import { describe, expect, it } from 'vitest';
import { Ticker } from '../src/ticker.js';
import { Turns } from '../src/turns.js';

describe('ticker', () => {
  it('has a timer only while there is somebody to tick', () => {
    const clock = virtualClock();
    const ticker = new Ticker(clock);
    let ticks = 0;
    const member = {
      tick() {
        ticks += 1;
        if (ticks === 3) ticker.delete(member);
      },
    };
    expect(clock.pending).toBe(0);
    ticker.add(member);
    clock.advance(1_000);
    expect(ticks).toBe(3);
    expect(clock.pending).toBe(0);
  });

  it('reads what has come before it judges, when it is late itself [C5]', () => {
    const clock = virtualClock();
    let late = 0;
    const stalled = { ...clock, now: () => clock.now() + late };
    const ticker = new Ticker(stalled);
    const trace: string[] = [];
    ticker.add({ tick: () => trace.push('tick') });
    clock.after(100, () => trace.push('input'));
    late = 10_000;
    clock.advance(100);
    expect(trace).toEqual(['input', 'tick']);
  });
});

describe('turns', () => {
  it('put off what does not fit the budget, in order, and let timers run in between', () => {
    const clock = virtualClock();
    let spent = 0;
    const scheduler = { ...clock, now: () => clock.now() + spent };
    const turns = new Turns(scheduler, 10);
    const trace: string[] = [];
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      turns.queue({
        takeTurn() {
          trace.push(name);
          spent += 6;
        },
      });
    }
    clock.after(0, () => trace.push('timer'));
    expect(trace).toEqual(['a', 'b']);
    clock.advance(1);
    expect(trace).toEqual(['a', 'b', 'c', 'd', 'timer', 'e']);
  });

  it('let the others go first when one comes again', () => {
    const turns = new Turns(virtualClock());
    const trace: string[] = [];
    let depth = 0;
    const worker = (name: string, times: number) => ({
      takeTurn() {
        expect(++depth).toBe(1);
        trace.push(name);
        if (--times > 0) turns.queue(this);
        if (name === 'a' && trace.length === 1) turns.queue(worker('b', 2));
        depth -= 1;
      },
    });
    turns.queue(worker('a', 3));
    expect(trace).toEqual(['a', 'a', 'b', 'a', 'b']);
  });
});
