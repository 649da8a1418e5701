import { memoryTransport } from '@sealwire/transport';
import { virtualClock } from '@sealwire/transport/testkit';
import { describe, expect, it } from 'vitest';
import { Overloads } from '../src/overloads.js';
import { raw } from './raw.js';
import { virtualWorld } from './world.js';

function overloads() {
  const clock = virtualClock();
  const told: unknown[][] = [];
  const reports = new Overloads(clock, (...what) => told.push(what));
  return { clock, told, reports };
}

describe('what was turned away', () => {
  it('is told at once, and then at most once a second for each limit, with its number [M2]', () => {
    const { clock, told, reports } = overloads();
    for (let n = 1; n <= 1_000; n++) reports.add('maxHandshakes', `a${n}`);
    reports.add('maxSessions', 'b');
    expect(told.splice(0)).toEqual([
      ['maxHandshakes', 'a1', 1],
      ['maxSessions', 'b', 1],
    ]);
    clock.advance(999);
    expect(told).toEqual([]);
    clock.advance(1);
    expect(told.splice(0)).toEqual([['maxHandshakes', 'a1000', 999]]);
    reports.add('maxHandshakes', 'c');
    reports.add('maxSessions', 'd');
    expect(told.splice(0)).toEqual([['maxSessions', 'd', 1]]);
    clock.advance(1_000);
    expect(told.splice(0)).toEqual([['maxHandshakes', 'c', 1]]);
    clock.advance(5_000);
    expect(told).toEqual([]);
  });

  it('is told to the last when the server ends, which leaves no timer', () => {
    const { clock, told, reports } = overloads();
    for (let n = 0; n < 3; n++) reports.add('maxSessions', 'a');
    reports.end();
    expect(told.splice(0)).toEqual([
      ['maxSessions', 'a', 1],
      ['maxSessions', 'a', 2],
    ]);
    clock.advance(5_000);
    expect(told).toEqual([]);
  });

  it('is counted in the events of a server', async () => {
    const near = memoryTransport({ closeTimeout: 100, remoteAddress: '192.0.2.1' });
    const { events, server } = await virtualWorld({
      listen: near.listen,
      limits: { maxHandshakesPerAddress: 1 },
    });
    await raw({ transport: near });
    for (let n = 0; n < 5; n++) {
      expect(await (await raw({ transport: near })).closed).toMatchObject({ code: 1013 });
    }
    await server.close();
    expect(events.filter(({ type }) => type === 'overloaded')).toEqual(
      [1, 4].map((count) => ({
        type: 'overloaded',
        limit: 'maxHandshakesPerAddress',
        remoteAddress: '192.0.2.1',
        count,
      })),
    );
  });
});
