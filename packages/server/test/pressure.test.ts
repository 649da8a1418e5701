import { describe, expect, it } from 'vitest';
import { world } from './world.js';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

describe('pressure', () => {
  it.each([
    ['count', { maxPendingMessages: 4 }],
    ['bytes', { maxPendingBytes: 4_000 }],
  ])('stops reading at the bound by %s and handles everything in the end', async (_, limits) => {
    const { opened, open } = gate();
    let handled = 0;
    const { connect, transport } = await world({
      limits,
      link: { up: { window: 2_000 } },
      async onMessage() {
        await opened;
        handled += 1;
      },
    });
    const alice = await connect();
    const [pair] = transport.pairs;
    for (let n = 0; n < 40; n++) alice.send('x'.repeat(1_000));
    const stuck = () => (pair?.client.bufferedBytes ?? 0) > 25_000;
    while (!stuck()) await turn();
    for (let n = 0; n < 20; n++) await turn();
    expect(stuck()).toBe(true);
    open();
    while (handled < 40) await turn();
    expect(alice.closed).toBeUndefined();
  });

  it('ends a session with 1013 at the bound where the link cannot stop reading', async () => {
    const { connect, event } = await world({
      limits: { maxPendingMessages: 4 },
      link: { pausing: false },
      onMessage: () => new Promise(() => {}),
      handlerTimeout: 1_000,
    });
    const alice = await connect();
    for (let n = 0; n < 40; n++) alice.send(n);
    expect(await alice.untilClosed()).toMatchObject({ code: 1013 });
    expect(await event('session-closed')).toMatchObject({ error: { code: 'E_OVERLOADED' } });
  });

  it('lets a bounded number of requests run at a time and answers all of them', async () => {
    let running = 0;
    let most = 0;
    const { connect } = await world({
      limits: { maxRunningRequests: 3 },
      async onRequest({ payload }) {
        running += 1;
        most = Math.max(most, running);
        for (let n = 0; n < 5; n++) await turn();
        running -= 1;
        return payload;
      },
    });
    const alice = await connect();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => alice.request(n)));
    expect(answers).toEqual(Array.from({ length: 20 }, (_, n) => n));
    expect(most).toBe(3);
  });

  it('counts the requests of a client over its sessions', async () => {
    const waiting: (() => void)[] = [];
    const asked: unknown[] = [];
    const { connect } = await world({
      limits: { maxRunningRequests: 2 },
      async onRequest({ payload }) {
        asked.push(payload);
        await new Promise<void>((resolve) => waiting.push(resolve));
        return payload;
      },
    });
    const first = await connect();
    for (const name of ['a', 'b']) void first.request(name).catch(() => {});
    while (asked.length < 2) await turn();
    first.link.terminate();
    const second = await connect();
    const answered = Promise.all(['c', 'd', 'e'].map((name) => second.request(name)));
    for (let n = 0; n < 50; n++) await turn();
    expect(asked).toEqual(['a', 'b']);
    waiting[0]?.();
    while (asked.length < 3) await turn();
    expect(asked).toEqual(['a', 'b', 'c']);
    while (waiting.length < 5) {
      for (const resolve of waiting) resolve();
      await turn();
    }
    for (const resolve of waiting) resolve();
    expect(await answered).toEqual(['c', 'd', 'e']);
  });

  it('starts no more requests while their answers wait for the link', async () => {
    let asked = 0;
    const { connect } = await world({
      limits: { maxAnswerBytes: 5_000, maxBufferedBytes: 1_000, maxRunningRequests: 4 },
      link: { down: { window: 1_000 }, up: { window: 1_000 } },
      onRequest() {
        asked += 1;
        return 'x'.repeat(1_000);
      },
    });
    const alice = await connect();
    alice.link.pausing?.pause();
    const answered = Promise.all(Array.from({ length: 100 }, () => alice.request('?')));
    while (asked < 5) await turn();
    for (let n = 0; n < 50; n++) await turn();
    expect(asked).toBeLessThan(20);
    alice.link.pausing?.resume();
    expect(await answered).toHaveLength(100);
  });

  it('does not take a client for silent while it is not read', async () => {
    const { opened, open } = gate();
    let handled = 0;
    const { connect } = await world({
      limits: { maxPendingMessages: 1 },
      deadlines: { ping: 20, pong: 20, heartbeat: 50 },
      async onMessage() {
        await opened;
        handled += 1;
      },
    });
    const alice = await connect();
    alice.send(1);
    alice.send(2);
    const beats = alice.heartbeats;
    await alice.until(() => alice.heartbeats > beats + 4);
    open();
    while (handled < 2) await turn();
    expect(alice.closed).toBeUndefined();
  });

  it('lets no client with broken frames touch another', async () => {
    const { connect } = await world({ onMessage: ({ payload }, tx) => tx.publish(payload) });
    const bob = await connect({ clientId: 'bob' });
    for (const size of [0, 1, 15, 16, 31, 32, 33, 4_096]) {
      const alice = await connect();
      alice.link.send([new Uint8Array(size).fill(7)]);
      expect(await alice.untilClosed()).toMatchObject({ code: 1002, reason: 'the frame cannot be accepted' });
      bob.send(size);
    }
    await bob.until(() => bob.messages.length === 8);
  });

  it('ends a session with 1009 for a frame that is too big and with 1003 for a text message', async () => {
    const { connect, transport } = await world();
    const big = await connect();
    big.link.send([new Uint8Array(65_537)]);
    expect(await big.untilClosed()).toMatchObject({ code: 1009 });
    const text = await connect();
    for (const pair of transport.pairs) pair.faults.up.text();
    expect(await text.untilClosed()).toMatchObject({ code: 1003 });
  });
});
