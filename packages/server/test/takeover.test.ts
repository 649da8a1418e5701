import { memoryServerStore } from '@sealwire/store';
import { describe, expect, it } from 'vitest';
import { keyPair } from './keys.js';
import { settle, world } from './world.js';

const deferred = () => {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
};

describe('takeover', () => {
  it('sends the old session away with 4000 once the new one has proved who it is', async () => {
    const { connect, server } = await world();
    const old = await connect();
    const fresh = await connect();
    expect(await old.untilClosed()).toMatchObject({ code: 4000 });
    expect(old.errors).toEqual(['4000 the client id connected again']);
    expect(fresh.closed).toBeUndefined();
    expect(server.sessions.clientIds).toEqual(['alice']);
  });

  it('does not touch the old session before the proof, nor for a bad one', async () => {
    const { connect, dial } = await world({ onRequest: () => 'here' });
    const old = await connect();
    const key = await keyPair('bob');
    const impostor = await dial({ clientId: 'alice', key });
    expect((await impostor.untilClosed()).code).not.toBe(4000);
    expect(await old.request('?')).toBe('here');
  });

  it('aborts the running handler, keeps nothing of it, and waits for it before the next one starts', async () => {
    const trace: string[] = [];
    const [aborted, release] = [deferred(), deferred()];
    let runs = 0;
    const { connect, server, events } = await world({
      async onMessage({ payload }, tx) {
        runs += 1;
        if (runs > 1) {
          // Whoever keeps state in memory goes by it from here on.
          if (events.some(({ type }) => type === 'rollback')) trace.push('rollback');
          trace.push('second handler');
          return tx.publish(payload);
        }
        tx.signal.addEventListener('abort', aborted.resolve);
        await aborted.promise;
        await release.promise;
        trace.push('first handler is over');
        tx.publish('too late');
      },
    });
    const old = await connect();
    old.send('once');
    while (runs === 0) await new Promise((resolve) => setImmediate(resolve));
    const fresh = await connect();
    expect(fresh.lastSeenSequence).toBe(-1n);
    await aborted.promise;
    fresh.send('once');
    await old.untilClosed();
    for (let n = 0; n < 10; n++) await settle();
    expect(trace).toEqual([]);
    release.resolve();
    await fresh.until(() => fresh.messages.length === 1);
    expect(trace).toEqual(['first handler is over', 'rollback', 'second handler']);
    expect(fresh.payloads()).toEqual(['once']);
    expect((await server.store.read('alice')).head).toBe(1n);
    expect(events.some(({ type }) => type === 'handler-failed')).toBe(false);
  });

  it('aborts a handler whose session had ended before, and raises no rollback where it gives up', async () => {
    const [started, release] = [deferred(), deferred()];
    const signals: AbortSignal[] = [];
    const { connect, event, events } = await world({
      async onMessage(_, tx) {
        signals.push(tx.signal);
        started.resolve();
        if (signals.length === 1) await release.promise;
        tx.signal.throwIfAborted();
      },
    });
    const old = await connect();
    old.send('once');
    await started.promise;
    old.link.terminate();
    await event('session-closed');
    expect(signals[0]?.aborted).toBe(false);
    const fresh = await connect();
    expect(signals[0]?.aborted).toBe(true);
    fresh.send('once');
    release.resolve();
    while (signals.length < 2) await settle();
    expect(events.some(({ type }) => type === 'rollback' || type === 'handler-failed')).toBe(false);
  });

  it('raises a rollback where the session is replaced just as its handler ends', async () => {
    const started = deferred();
    const signals: AbortSignal[] = [];
    let end = (): void => {};
    const store = memoryServerStore();
    const { connect, event } = await world({
      store,
      onMessage(_, tx) {
        signals.push(tx.signal);
        if (signals.length > 1) return;
        return new Promise<void>((resolve) => {
          end = resolve;
          started.resolve();
        });
      },
    });
    const old = await connect();
    old.send('once');
    await started.promise;
    // What the handler waits for and the takeover become known within one turn of the event loop.
    const { claim } = store;
    store.claim = (...of) => claim.apply(store, of).finally(() => end());
    await connect();
    expect(signals[0]?.aborted).toBe(true);
    expect(await event('rollback')).toMatchObject({ clientId: 'alice', error: { code: 'E_FENCED' } });
  });

  it('at another node raises a rollback where the handler could not be told', async () => {
    const store = memoryServerStore();
    const [started, release] = [deferred(), deferred()];
    const one = await world({
      store,
      async onMessage() {
        started.resolve();
        await release.promise;
      },
    });
    const two = await world({ store: store.open() });
    const old = await one.connect();
    old.send('once');
    await started.promise;
    old.link.terminate();
    await one.event('session-closed');
    await two.connect();
    release.resolve();
    expect(await one.event('rollback')).toMatchObject({ clientId: 'alice', error: { code: 'E_FENCED' } });
  });

  it('is seen by the server of another node on the same store, whose late commit fails', async () => {
    const store = memoryServerStore();
    const release = deferred();
    const one = await world({ store, onMessage: () => release.promise });
    const two = await world({ store: store.open(), onMessage: (_, tx) => tx.publish('two') });
    const old = await one.connect();
    old.send('once');
    const fresh = await two.connect();
    expect(await old.untilClosed()).toMatchObject({ code: 4000 });
    release.resolve();
    fresh.send('once');
    await fresh.until(() => fresh.messages.length === 1);
    expect(await store.read('alice')).toMatchObject({ lastSequence: 0n, head: 1n });
  });

  it('is won by the newest welcome, whichever proof comes first', async () => {
    const { connect, dial, server, transport } = await world({ onRequest: () => 'here' });
    const slow = await dial();
    await slow.until(() => slow.lastSeenSequence !== undefined);
    const [pair] = transport.pairs;
    pair?.faults.up.stall();
    const fast = await connect();
    pair?.faults.up.heal();
    expect(await slow.untilClosed()).toMatchObject({ code: 4000 });
    expect(slow.live).toBe(false);
    expect(await fast.request('?')).toBe('here');
    expect(server.sessions.count).toBe(1);
  });

  it('is not won by the late proof of a process that is gone, at another node [K1]', async () => {
    const store = memoryServerStore();
    const one = await world({ store });
    const two = await world({ store: store.open(), onRequest: () => 'here' });
    const gone = await one.dial();
    await gone.until(() => gone.lastSeenSequence !== undefined);
    const [pair] = one.transport.pairs;
    pair?.faults.up.stall();
    const next = await two.connect();
    pair?.faults.up.heal();
    expect(await gone.untilClosed()).toMatchObject({ code: 1012 });
    expect(await one.event('handshake-refused')).toMatchObject({ error: { code: 'E_REPLACED' } });
    expect(await next.request('?')).toBe('here');
  });

  it('works from node to node and back [K1]', async () => {
    const store = memoryServerStore();
    const one = await world({ store });
    const two = await world({ store: store.open(), onRequest: () => 'here' });
    for (const first of [one, two]) {
      const old = await first.connect();
      const fresh = await (first === one ? two : one).connect();
      expect(await old.untilClosed()).toMatchObject({ code: 4000 });
      expect(fresh.closed).toBeUndefined();
    }
  });

  it('leaves one session when many connect at once, and it works', async () => {
    const { connect, dial, server } = await world({ onRequest: () => 'here' });
    const peers = await Promise.all(Array.from({ length: 8 }, () => dial()));
    const last = await connect();
    await Promise.all(peers.map((peer) => peer.untilClosed()));
    expect(await last.request('?')).toBe('here');
    expect(server.sessions.count).toBe(1);
    for (const { closed } of peers) expect([4000, 1012]).toContain(closed?.code);
  });

  it('sends a client away with 1012 when its SEQUENCE moved during the handshake', async () => {
    const store = memoryServerStore();
    const { dial, event } = await world({
      store: Object.assign(store, {
        claim: async (clientId: string) => ({
          ...(await store.read(clientId)),
          lastSequence: 7n,
          epoch: 99n,
        }),
      }),
    });
    const alice = await dial();
    expect(await alice.untilClosed()).toMatchObject({ code: 1012 });
    expect(await event('handshake-refused')).toMatchObject({ clientId: 'alice', code: 1012 });
  });
});
