import { memoryServerStore, type ServerStore } from '@sealwire/store';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { passingOn } from './held-store.js';
import { world } from './world.js';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('delivery', () => {
  it('gives every event once and in order while a client comes and goes and others publish', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ publish: fc.integer({ min: 0, max: 30 }), cut: fc.boolean() }), {
          minLength: 1,
          maxLength: 6,
        }),
        async (steps) => {
          const { dial, server, transport } = await world({ limits: { batchMessages: 4 } });
          const seen: bigint[] = [];
          let total = 0;
          let peer = await dial();
          const keep = () => {
            for (const { order } of peer.messages) seen.push(order);
            peer.messages.length = 0;
          };
          const publish = async (count: number) => {
            for (let n = 0; n < count; n++) {
              void server.publish('alice', ++total);
              if (n % 5 === 0) await turn();
            }
          };
          for (const step of steps) {
            const publishing = publish(step.publish);
            if (step.cut) {
              await turn();
              for (const pair of transport.pairs) pair.faults.cut();
              await peer.untilClosed();
              keep();
              peer = await dial({ lastSeenOrder: seen.at(-1) ?? -1n });
            }
            await publishing;
          }
          await peer.until(() => seen.length + peer.messages.length >= total && peer.ready);
          await turn();
          keep();
          expect(seen).toEqual(Array.from({ length: total }, (_, n) => BigInt(n + 1)));
          await server.close();
        },
      ),
      { numRuns: 15 },
    );
  });

  it.each([-1n, 0n])(
    'begins with the oldest kept event for LAST SEEN ORDER %s, whatever is gone',
    async (from) => {
      const { connect, server } = await world({ store: memoryServerStore({ maxEntriesPerClient: 3 }) });
      for (let n = 1; n <= 10; n++) await server.publish('alice', n);
      const alice = await connect({ lastSeenOrder: from });
      await alice.until(() => alice.messages.length === 3);
      expect(alice.payloads()).toEqual([8, 9, 10]);
    },
  );

  it('ends with 4100 when what lies behind the cursor is gone, and goes on from just before that', async () => {
    const { connect, dial, server } = await world({ store: memoryServerStore({ maxEntriesPerClient: 3 }) });
    for (let n = 1; n <= 10; n++) await server.publish('alice', n);
    const lost = await dial({ lastSeenOrder: 6n });
    expect(await lost.untilClosed()).toMatchObject({ code: 4100 });
    expect(lost.errors[0]).toMatch(/^4100 /);
    const whole = await connect({ lastSeenOrder: 7n });
    await whole.until(() => whole.messages.length === 3);
  });

  it('ends a live session with 4100 when retention overtakes it', async () => {
    const { connect, server, transport } = await world({
      store: memoryServerStore({ maxEntriesPerClient: 3 }),
      limits: { maxBufferedBytes: 1, batchMessages: 1 },
      link: { down: { window: 100 } },
    });
    const alice = await connect();
    // Else it may begin to read when the oldest are gone, and miss nothing that it ever stood at.
    await server.publish('alice', 0);
    await alice.until(() => alice.messages.length === 1);
    for (const pair of transport.pairs) pair.faults.down.stall();
    for (let n = 1; n <= 10; n++) await server.publish('alice', n);
    for (const pair of transport.pairs) pair.faults.down.heal();
    expect(await alice.untilClosed()).toMatchObject({ code: 4100 });
  });

  it('ends a live session with 4100 when all it never saw was removed, though it asked for everything', async () => {
    const memory = memoryServerStore({ maxEntriesPerClient: 1 });
    let read = () => {};
    const hasRead = new Promise<void>((resolve) => {
      read = resolve;
    });
    const readLog: ServerStore['readLog'] = (...asked) => {
      read();
      return memory.readLog(...asked);
    };
    const { connect, server } = await world({ store: { ...passingOn(memory), readLog } });
    const alice = await connect();
    // It stands at the empty log from here on.
    await hasRead;
    await server.publish(['alice', 'alice', 'alice'], 'x');
    expect(await alice.untilClosed()).toMatchObject({ code: 4100 });
  });

  it.each([1n, 2n ** 62n])('ends with 4101 for LAST SEEN ORDER %s of an empty log', async (lastSeenOrder) => {
    const { dial } = await world();
    const alice = await dial({ lastSeenOrder });
    expect(await alice.untilClosed()).toMatchObject({ code: 4101 });
    expect(alice.errors[0]).toMatch(/^4101 /);
  });

  it('cuts a client off that drains not one byte, with 4102 and without waiting for it', async () => {
    const { connect, server, event } = await world({
      stallTimeout: 200,
      limits: { maxBufferedBytes: 1_000 },
      link: { down: { window: 1_000 } },
    });
    const alice = await connect();
    alice.link.pausing?.pause();
    for (let n = 0; n < 50; n++) await server.publish('alice', 'x'.repeat(500));
    const closed = await event('session-closed');
    expect(closed).toMatchObject({ code: 4102, error: { code: 'E_TOO_SLOW' } });
    expect(server.sessions.count).toBe(0);
  });

  it('keeps a client that drains slowly', async () => {
    const { connect, server } = await world({
      stallTimeout: 300,
      limits: { maxBufferedBytes: 1_000, batchMessages: 1 },
      link: { down: { window: 600, delay: 20 } },
    });
    const alice = await connect();
    for (let n = 0; n < 40; n++) await server.publish('alice', 'x'.repeat(500));
    await alice.until(() => alice.messages.length === 40);
    expect(alice.closed).toBeUndefined();
  });

  it('waits for an answer while 48 pings have none, and then goes on [N2, N11]', async () => {
    const patient = { ping: 60_000, pong: 60_000, heartbeat: 60_000 };
    const { connect, server, transport } = await world({
      deadlines: patient,
      stallTimeout: 60_000,
      link: { down: { window: 1e9 } },
    });
    const alice = await connect();
    const [pair] = transport.pairs;
    pair?.faults.up.stall();
    for (let n = 0; n < 160; n++) await server.publish('alice', 'x'.repeat(50_000));
    let received: number;
    do {
      received = alice.messages.length;
      for (let n = 0; n < 100; n++) await turn();
    } while (received < 48 || alice.messages.length > received);
    expect(received).toBeLessThan(120);
    pair?.faults.up.heal();
    await alice.until(() => alice.messages.length === 160);
    expect(alice.closed).toBeUndefined();
  });

  it('cuts a client off that reads all and answers no ping, though it may be heard, with 4102 [M5]', async () => {
    // That patient with silence it is as if the client said something now and then.
    const { connect, server, transport, event } = await world({
      deadlines: { ping: 60_000, pong: 60_000, heartbeat: 60_000 },
      stallTimeout: 300,
      link: { down: { window: 1e9 } },
    });
    const alice = await connect();
    for (const pair of transport.pairs) pair.faults.up.stall();
    const closed = event('session-closed');
    for (let n = 0; n < 160; n++) await server.publish('alice', 'x'.repeat(50_000));
    expect(await closed).toMatchObject({ code: 4102, error: { code: 'E_TOO_SLOW' } });
    expect(alice.messages.length).toBeGreaterThan(48);
    expect(alice.messages.length).toBeLessThan(120);
  });

  it('buffers one batch above the bound for a client that does not read, however much waits for it', async () => {
    const { connect, server, transport } = await world({
      limits: { maxBufferedBytes: 20_000, batchBytes: 5_000 },
      link: { down: { window: 1_000 } },
    });
    const alice = await connect();
    const [pair] = transport.pairs;
    alice.link.pausing?.pause();
    let highest = 0;
    const look = () => {
      highest = Math.max(highest, pair?.server.bufferedBytes ?? 0);
    };
    for (let n = 0; n < 500; n++) {
      await server.publish('alice', 'x'.repeat(1_000));
      look();
    }
    // On a slow machine the publishing used up the turn of the event loop, and the deliveries wait for the next one.
    while (highest <= 10_000) {
      await new Promise((resolve) => setImmediate(resolve));
      look();
    }
    expect(highest).toBeLessThan(20_000 + 5_000 + 5 * 100);
    alice.link.pausing?.resume();
    await alice.until(() => alice.messages.length === 500);
  });

  it('answers requests ahead of the events that wait', async () => {
    let asked = false;
    const { connect, server } = await world({
      limits: { maxBufferedBytes: 2_000, batchMessages: 1 },
      link: { down: { window: 1_000 } },
      onRequest: () => {
        asked = true;
        return 'now';
      },
    });
    const alice = await connect();
    alice.link.pausing?.pause();
    for (let n = 0; n < 100; n++) await server.publish('alice', 'x'.repeat(500));
    alice.sendRequest('?');
    while (!asked) await turn();
    alice.link.pausing?.resume();
    await alice.until(() => alice.messages.length === 100);
    expect(alice.trace).toContain('answer');
    expect(alice.trace.indexOf('answer')).toBeLessThan(20);
  });

  it('leaves no publish that failed unheard, though nobody waits for it', async () => {
    const { server } = await world({ store: memoryServerStore({ maxClients: 1 }) });
    await server.publish('alice', 1);
    const others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    onTestFinished(() => {
      process.removeAllListeners('unhandledRejection');
      for (const listener of others) process.on('unhandledRejection', listener);
    });
    const unheard = new Promise((resolve) => process.once('unhandledRejection', resolve));
    void server.publish('bob', 1);
    expect(await unheard).toMatchObject({ code: 'E_FULL' });
  });

  it('reports a log that cannot be read and closes with 1013', async () => {
    const memory = memoryServerStore();
    const { dial, event } = await world({
      store: Object.assign(memory, { readLog: () => Promise.reject(new Error('unreadable')) }),
    });
    expect(await (await dial()).untilClosed()).toMatchObject({ code: 1013 });
    expect((await event('store-failed')).error.message).toBe('unreadable');
  });
});
