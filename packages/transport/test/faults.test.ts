import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LinkEvents, linkPair, type MemoryOptions } from '../src/index.js';
import { virtualClock } from '../src/testkit.js';

/** A started pair whose events are written down as short words. */
function started(options: MemoryOptions = {}) {
  const clock = virtualClock();
  const pair = linkPair({ scheduler: clock, random: () => 0.5, ...options });
  const log: { client: string[]; server: string[] } = { client: [], server: [] };
  const events = (words: string[]): LinkEvents => ({
    frames: (frames) => words.push(frames.map((frame) => frame.join('.')).join(' ')),
    text: () => words.push('text'),
    drain: () => words.push('drain'),
    pong: () => words.push('pong'),
    close: ({ code, reason }) => words.push(`close ${code}${reason && ` ${reason}`}`),
  });
  pair.client.start(events(log.client));
  pair.server.start(events(log.server));
  return { ...pair, clock, log };
}

const frame = (...bytes: number[]) => Uint8Array.from(bytes);

describe('memory faults', () => {
  it('delivers after the delay, to the millisecond, and not before', () => {
    const { client, clock, log } = started({ up: { delay: 250 } });
    client.send([frame(1), frame(2)]);
    clock.advance(249);
    expect(log.server).toEqual([]);
    clock.advance(1);
    expect(log.server).toEqual(['1 2']);
  });

  it('keeps the order whatever the jitter', () => {
    const draws = [0.9, 0.1, 0.5, 0];
    const { client, clock, log } = started({
      up: { delay: 10, jitter: 100 },
      random: () => draws.shift() ?? 0,
    });
    for (const byte of [1, 2, 3, 4]) client.send([frame(byte)]);
    clock.advance(1_000);
    expect(log.server).toEqual(['1', '2', '3', '4']);
  });

  it('splits a batch where the random numbers say so', () => {
    const draws = [0, 0.9, 0.1];
    const { client, clock, log } = started({ up: { batching: 'split' }, random: () => draws.shift() ?? 0 });
    client.send([frame(1), frame(2), frame(3), frame(4)]);
    clock.advance(0);
    expect(log.server).toEqual(['1', '2 3', '4']);
  });

  it('delivers exactly the frames that ended before the byte where the link was cut, then 1006 to both', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 6 }), { maxLength: 6 }),
        fc.nat(300),
        fc.constantFrom('kept' as const, 'split' as const),
        fc.integer({ min: 1, max: 100 }),
        (batches, cutAfter, batching, window) => {
          const clock = virtualClock();
          const { client, server, faults } = linkPair({
            scheduler: clock,
            up: { batching, delay: 3, window },
          });
          const received: number[] = [];
          const closes: number[] = [];
          const events: LinkEvents = {
            frames: (frames) => received.push(...frames.map(({ length }) => length)),
            text: () => {},
            drain: () => {},
            pong: () => {},
            close: ({ code }) => closes.push(code),
          };
          client.start(events);
          server.start(events);
          faults.up.cutAfterBytes(cutAfter);
          for (const sizes of batches) client.send(sizes.map((size) => new Uint8Array(size)));
          clock.advance(10_000);
          const sizes = batches.flat();
          let bytes = 0;
          const whole = sizes.filter((size) => {
            bytes += size;
            return bytes <= cutAfter;
          });
          // A cut exactly at the end of a frame comes before empty frames that follow it.
          while (cutAfter === sum(whole) && whole.at(-1) === 0 && received.length < whole.length) whole.pop();
          expect(received).toEqual(whole);
          expect(closes).toEqual(sum(sizes) >= cutAfter ? [1006, 1006] : []);
        },
      ),
    );
  });

  it('cuts after a number of frames, also while in use', () => {
    const { client, clock, log, faults } = started();
    client.send([frame(1)]);
    faults.up.cutAfterFrames(2);
    client.send([frame(2), frame(3), frame(4)]);
    clock.advance(0);
    expect(log).toEqual({ client: ['close 1006'], server: ['1', '2 3', 'close 1006'] });
  });

  it('cuts now, and loses what is on its way', () => {
    const { client, clock, log, faults } = started({ up: { delay: 5 } });
    client.send([frame(1)]);
    faults.cut();
    clock.advance(10);
    expect(log).toEqual({ client: ['close 1006'], server: ['close 1006'] });
    expect(clock.pending).toBe(0);
  });

  it('stalls one way and delivers all of it once healed', () => {
    const { client, server, clock, log, faults } = started();
    faults.up.stall();
    client.send([frame(1)]);
    client.send([frame(2)]);
    server.send([frame(3)]);
    clock.advance(60_000);
    expect(log).toEqual({ client: ['3'], server: [] });
    faults.up.heal();
    clock.advance(0);
    expect(log.server).toEqual(['1', '2']);
  });

  it('hides the end of the sender behind a stall until it heals', () => {
    const { client, clock, log, faults } = started();
    faults.up.stall();
    client.send([frame(1)]);
    client.terminate();
    clock.advance(30_000);
    expect(log).toEqual({ client: ['close 1006'], server: [] });
    faults.up.heal();
    clock.advance(0);
    expect(log.server).toEqual(['1', 'close 1006']);
  });

  it('half-closes: the receiver sees the end, the sender nothing', () => {
    const { client, server, clock, log, faults } = started();
    client.send([frame(1)]);
    faults.up.halfClose();
    client.send([frame(2)]);
    server.send([frame(3)]);
    clock.advance(10_000);
    expect(log).toEqual({ client: ['3'], server: ['1', 'close 1006'] });
  });

  it('terminates a polite close that nobody confirms when the close timeout ends', () => {
    const { client, clock, log, faults } = started({ closeTimeout: 700 });
    faults.down.stall();
    client.close(1000, 'bye');
    clock.advance(699);
    expect(log).toEqual({ client: [], server: ['close 1000 bye'] });
    clock.advance(1);
    expect(log.client).toEqual(['close 1006']);
    expect(clock.pending).toBe(0);
  });

  it('holds bytes back at the sender when the window is full, and drains as the reader reads', () => {
    const { client, server, clock, log } = started({ up: { window: 3 } });
    server.pausing?.pause();
    client.send([frame(1, 1), frame(2), frame(3, 3, 3), frame(4)]);
    clock.advance(10);
    expect(client.bufferedBytes).toBe(4);
    expect(log).toEqual({ client: [], server: [] });
    server.pausing?.resume();
    clock.advance(0);
    expect(client.bufferedBytes).toBe(0);
    expect(log).toEqual({ client: ['drain'], server: ['1.1 2', '3.3.3', '4'] });
  });

  it('lets a frame through that is larger than the window', () => {
    const { client, clock, log } = started({ up: { window: 1 } });
    client.send([frame(1, 2, 3)]);
    clock.advance(0);
    expect(log.server).toEqual(['1.2.3']);
  });

  it('changes its behaviour while in use', () => {
    const { client, clock, log, faults } = started();
    client.send([frame(1)]);
    clock.advance(0);
    faults.up.set({ delay: 100 });
    client.send([frame(2)]);
    clock.advance(99);
    expect(log.server).toEqual(['1']);
    clock.advance(1);
    expect(log.server).toEqual(['1', '2']);
  });

  it('delivers a text message and answers a ping only when its end reads', () => {
    const { client, server, clock, log, faults } = started();
    server.pausing?.pause();
    faults.up.text();
    client.pinging?.ping();
    clock.advance(10);
    expect(log).toEqual({ client: [], server: [] });
    server.pausing?.resume();
    clock.advance(0);
    expect(log).toEqual({ client: ['pong'], server: ['text'] });
  });
});

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
