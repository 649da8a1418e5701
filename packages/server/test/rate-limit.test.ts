import { memoryServerStore } from '@sealwire/store';
import { type VirtualClock, virtualClock } from '@sealwire/transport/testkit';
import { describe, expect, it, vi } from 'vitest';
import { FrameRate } from '../src/frame-rate.js';
import type { Excess } from '../src/index.js';
import { TokenBucket } from '../src/token-bucket.js';
import { passingOn } from './held-store.js';
import type { Peer } from './peer.js';
import { settle, virtualWorld, world } from './world.js';

/** Lets time pass until the session has ended. */
async function untilClosed(peer: Peer, clock: VirtualClock): Promise<number | undefined> {
  while (peer.closed === undefined) {
    clock.advance(5);
    await turn();
  }
  return peer.closed.code;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('the rate of a session', () => {
  it('stops reading where it is exceeded, and loses nothing [S66, O5]', async () => {
    const handled: unknown[] = [];
    const { clock, connect, event, events, transport } = await virtualWorld({
      rateLimit: { framesPerSecond: 10, burst: 5 },
      link: { up: { window: 1_000 } },
      onMessage: ({ payload }) => void handled.push(payload),
    });
    const alice = await connect();
    const [pair] = transport.pairs;
    for (let n = 0; n < 6; n++) alice.send(n);
    // What comes before the first signatures were looked at is read.
    await event('rate-exceeded');
    for (let n = 6; n < 40; n++) alice.send(n);
    const waits = () => (pair?.client.bufferedBytes ?? 0) > 0;
    while (!waits() || handled.length < 5) await turn();
    for (let n = 0; n < 50; n++) await turn();
    const before = handled.length;
    expect(before).toBe(5);
    expect(events.at(-1)).toMatchObject({ type: 'rate-exceeded', clientId: 'alice', times: 1 });
    while (handled.length < 40) {
      clock.advance(100);
      await turn();
    }
    expect(handled).toEqual(Array.from({ length: 40 }, (_, n) => n));
    expect(alice.closed).toBeUndefined();
  });

  it('ends with 4009 where that is wanted, behind all that the rate allowed, and the rest comes again [O5]', async () => {
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
    expect(kept).toBeGreaterThanOrEqual(3);
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
    while (running) {
      alice.send('another');
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
    const { clock, connect, event, events } = await virtualWorld({
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
    const late = visit('alice', 1);
    await event('rate-exceeded');
    await settle();
    expect(handled).toHaveLength(10);
    clock.advance(1_000);
    await late;
    for (let seconds = 0; seconds < 6; seconds++) {
      clock.advance(1_000);
      await turn();
    }
    await visit('alice', 5);
    expect(exceeded()).toBe(1);
  });

  it.each(['prefer', 'off'] as const)(
    'takes nothing for what was forged on the way, which ends the session (hardening: %s) [S66]',
    async (hardening) => {
      const handled: unknown[] = [];
      const { clock, connect, event, events } = await virtualWorld({
        rateLimit: { framesPerSecond: 1, burst: 5 },
        hardening,
        onMessage: ({ payload }) => void handled.push(payload),
      });
      for (const forged of [new Uint8Array(), new Uint8Array(320)]) {
        const alice = await connect({ hardening });
        alice.link.send(Array.from({ length: 1_000 }, () => forged));
        expect(await untilClosed(alice, clock)).toBe(1002);
      }
      expect(await event('session-closed')).toMatchObject({ code: 1002, error: { code: 'E_FRAME' } });
      const alice = await connect({ hardening });
      for (let n = 0; n < 5; n++) alice.send(n);
      while (handled.length < 5) await turn();
      expect(events.some(({ type }) => type === 'rate-exceeded')).toBe(false);
    },
  );

  it('is not escaped by dialing again: what is sent behind a new proof waits, too', async () => {
    const handled: unknown[] = [];
    const { clock, connect, dial, event } = await virtualWorld({
      rateLimit: { framesPerSecond: 1, burst: 5 },
      onMessage: ({ payload }) => void handled.push(payload),
    });
    const first = await connect();
    for (let n = 0; n < 20; n++) first.send(n);
    await event('rate-exceeded');
    while (handled.length < 5) await turn();
    first.link.terminate();
    await first.untilClosed();
    for (let session = 0; session < 5; session++) {
      const again = await dial();
      await again.until(() => again.ready);
      for (let n = 0; n < 20; n++) again.send(n);
      await again.until(() => again.live);
      await settle();
      again.link.terminate();
      await again.untilClosed();
    }
    expect(handled).toEqual([0, 1, 2, 3, 4]);
    const last = await connect();
    expect(last.lastSeenSequence).toBe(4n);
    for (let n = 5; n < 20; n++) last.send(n);
    clock.advance(3_000);
    while (handled.length < 8) await turn();
    await settle();
    expect(handled).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('is not escaped by dialing again where the session ends instead: nothing is handled before 4009 [O5]', async () => {
    const handled: unknown[] = [];
    const { clock, connect } = await virtualWorld({
      rateLimit: { framesPerSecond: 1, burst: 5, onExceeded: 'close' },
      onMessage: ({ payload }) => void handled.push(payload),
    });
    for (let session = 0; session < 3; session++) {
      const alice = await connect();
      for (let n = 0; n < 20; n++) alice.send(n);
      expect(await untilClosed(alice, clock)).toBe(4009);
    }
    expect(handled.length).toBeLessThanOrEqual(5 + clock.now() / 1_000);
  });

  it('holds requests and messages in the order of their coming', async () => {
    const trace: unknown[] = [];
    const { clock, connect, event } = await virtualWorld({
      rateLimit: { framesPerSecond: 1, burst: 1 },
      onMessage: ({ payload }) => void trace.push(payload),
      onRequest: ({ payload }) => void trace.push(payload),
    });
    const alice = await connect();
    alice.send('a');
    alice.sendRequest('b');
    alice.send('c');
    alice.sendRequest('d');
    await event('rate-exceeded');
    while (trace.length < 4) {
      clock.advance(100);
      await turn();
    }
    expect(trace).toEqual(['a', 'b', 'c', 'd']);
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
    const rate = new FrameRate(new TokenBucket({ perSecond: 1, burst: 1 }, () => 0), virtualClock(), {
      pausable: true,
      decide() {
        throw new Error('hook');
      },
      pause: () => void calls.push('pause'),
      resume: () => void calls.push('resume'),
      idle: () => true,
      close: () => void calls.push('close'),
    });
    const handedOn = [0, 1, 2].map((n) => rate.admit(() => void calls.push(`handed on ${n}`)));
    expect(handedOn).toEqual([true, true, true]);
    await turn();
    process.off('uncaughtException', caught);
    for (const listener of before) process.on('uncaughtException', listener);
    expect(calls).toEqual(['handed on 0', 'pause']);
    expect(thrown).toEqual([new Error('hook')]);
  });
});
