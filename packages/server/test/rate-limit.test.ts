import { memoryServerStore } from '@sealwire/store';
import { describe, expect, it, vi } from 'vitest';
import { FrameRate } from '../src/frame-rate.js';
import type { Excess } from '../src/index.js';
import { TokenBucket } from '../src/token-bucket.js';
import { passingOn } from './held-store.js';
import { virtualWorld, world } from './world.js';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('the rate of a session', () => {
  it('stops reading where it is exceeded, and loses nothing [S66, O5]', async () => {
    const handled: unknown[] = [];
    const { clock, connect, events, transport } = await virtualWorld({
      rateLimit: { framesPerSecond: 10, burst: 5 },
      link: { up: { window: 1_000 } },
      onMessage: ({ payload }) => void handled.push(payload),
    });
    const alice = await connect();
    const [pair] = transport.pairs;
    for (let n = 0; n < 40; n++) alice.send(n);
    const waits = () => (pair?.client.bufferedBytes ?? 0) > 0;
    while (!waits() || handled.length < 6) await turn();
    for (let n = 0; n < 50; n++) await turn();
    const before = handled.length;
    expect(before).toBeLessThan(20);
    expect(events.at(-1)).toMatchObject({ type: 'rate-exceeded', clientId: 'alice', times: 1 });
    while (handled.length < 40) {
      clock.advance(100);
      await turn();
    }
    expect(handled).toEqual(Array.from({ length: 40 }, (_, n) => n));
    expect(alice.closed).toBeUndefined();
  });

  it('ends with 4009 where that is wanted, behind all that was read, and the rest comes again [O5]', async () => {
    const handled: unknown[] = [];
    const { connect, event } = await world({
      rateLimit: { framesPerSecond: 1, burst: 3, onExceeded: 'close' },
      onMessage: async ({ payload }) => {
        await turn();
        handled.push(payload);
      },
    });
    const alice = await connect();
    for (let n = 0; n < 10; n++) alice.send(n);
    expect(await alice.untilClosed()).toMatchObject({ code: 4009 });
    expect(alice.errors).toEqual(['4009 more than 1 frames a second']);
    expect(await event('session-closed')).toMatchObject({ code: 4009, error: { code: 'E_RATE_LIMIT' } });
    const kept = handled.length;
    expect(kept).toBeGreaterThanOrEqual(4);
    expect(handled).toEqual(Array.from({ length: kept }, (_, n) => n));
    const again = await connect();
    expect(again.lastSeenSequence).toBe(BigInt(kept - 1));
  });

  it('is judged by a function each time, with the number of times', async () => {
    const asked: Excess[] = [];
    const { clock, connect } = await virtualWorld({
      rateLimit: {
        framesPerSecond: 10,
        burst: 1,
        onExceeded(excess) {
          asked.push(excess);
          return excess.times < 3 ? 'pause' : 'close';
        },
      },
      link: { up: { window: 1_000 } },
      onMessage: () => {},
    });
    const alice = await connect();
    let running = true;
    void alice.untilClosed().then(() => {
      running = false;
    });
    for (let n = 0; n < 30; n++) alice.send(n);
    while (running) {
      clock.advance(10);
      await turn();
    }
    expect(alice.closed?.code).toBe(4009);
    expect(asked).toEqual([1, 2, 3].map((times) => ({ clientId: 'alice', times })));
  });

  it('ends with 4009 where the link cannot stop reading', async () => {
    const { connect } = await world({
      rateLimit: { framesPerSecond: 1, burst: 3 },
      link: { pausing: false },
      onMessage: () => {},
    });
    const alice = await connect();
    for (let n = 0; n < 10; n++) alice.send(n);
    expect(await alice.untilClosed()).toMatchObject({ code: 4009 });
  });

  it('counts what is sent behind the proof, before the session is open', async () => {
    const handled: unknown[] = [];
    const memory = memoryServerStore();
    let release = () => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    const claim: typeof memory.claim = (...given) => released.then(() => memory.claim(...given));
    const { clock, dial, event } = await virtualWorld({
      store: { ...passingOn(memory), claim },
      rateLimit: { framesPerSecond: 1, burst: 3 },
      onMessage: ({ payload }) => void handled.push(payload),
    });
    const alice = await dial();
    await alice.until(() => alice.ready);
    const send = vi.spyOn(alice.link, 'send');
    for (let n = 0; n < 10; n++) alice.send(n);
    while (send.mock.calls.flatMap(([frames]) => frames).length < 10) await turn();
    for (let n = 0; n < 50; n++) {
      clock.advance(0);
      await turn();
    }
    release();
    while (handled.length < 10) {
      clock.advance(10);
      await turn();
    }
    expect(await event('rate-exceeded')).toMatchObject({ clientId: 'alice', times: 1 });
  });

  it('goes on where the session before left off, and is not that of another client', async () => {
    const handled: unknown[] = [];
    const { clock, connect, events } = await virtualWorld({
      rateLimit: { framesPerSecond: 1, burst: 5 },
      onMessage: ({ payload }) => void handled.push(payload),
    });
    const exceeded = () => events.filter(({ type }) => type === 'rate-exceeded').length;
    const visit = async (clientId: string, messages: number) => {
      const client = await connect({ clientId });
      const before = handled.length;
      for (let n = 0; n < messages; n++) client.send(n);
      while (handled.length < before + messages) await turn();
      client.link.terminate();
      await client.untilClosed();
    };
    await visit('alice', 5);
    await visit('bob', 5);
    expect(exceeded()).toBe(0);
    await visit('alice', 1);
    expect(exceeded()).toBe(1);
    for (let seconds = 0; seconds < 6; seconds++) {
      clock.advance(1_000);
      await turn();
    }
    await visit('alice', 5);
    expect(exceeded()).toBe(1);
  });

  it('is none by default', async () => {
    let handled = 0;
    const { connect, events } = await world({
      onMessage() {
        handled += 1;
      },
    });
    const alice = await connect();
    for (let n = 0; n < 500; n++) alice.send(n);
    while (handled < 500) await turn();
    expect(events.some(({ type }) => type === 'rate-exceeded')).toBe(false);
  });

  it('drops no frame because the function throws', async () => {
    const thrown: unknown[] = [];
    const caught = (error: unknown) => void thrown.push(error);
    const before = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', caught);
    const calls: string[] = [];
    const rate = new FrameRate(new TokenBucket({ perSecond: 1, burst: 1 }, () => 0), {
      pausable: true,
      decide() {
        throw new Error('hook');
      },
      pause: () => void calls.push('pause'),
      resume: () => void calls.push('resume'),
      idle: () => true,
      close: () => void calls.push('close'),
    });
    expect(rate.admit(2)).toBe(true);
    await turn();
    process.off('uncaughtException', caught);
    for (const listener of before) process.on('uncaughtException', listener);
    expect(calls).toEqual(['pause']);
    expect(thrown).toEqual([new Error('hook')]);
  });
});
