import { memoryServerStore } from '@sealwire/store';
import { describe, expect, it } from 'vitest';
import { world } from './world.js';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

describe('drain', () => {
  it('lets the running handlers finish, starts no others, flushes and closes with 1012', async () => {
    const { opened, open } = gate();
    const handled: bigint[] = [];
    let asked = false;
    const store = memoryServerStore();
    const { connect, server, event } = await world({
      store,
      async onMessage({ sequence }, tx) {
        handled.push(sequence);
        await opened;
        tx.publish(Number(sequence));
      },
      async onRequest() {
        asked = true;
        await opened;
        return 'answered';
      },
    });
    const [alice, bob] = [await connect(), await connect({ clientId: 'bob' })];
    alice.send(1);
    alice.send(2);
    const answer = bob.request('?');
    while (handled.length === 0 || !asked) await turn();
    const drained = server.drain();
    for (let n = 0; n < 5; n++) await turn();
    expect(server.sessions.count).toBe(2);
    open();
    expect(await answer).toBe('answered');
    await drained;
    expect(alice.closed).toMatchObject({ code: 1012 });
    expect(bob.closed).toMatchObject({ code: 1012 });
    expect(handled).toEqual([0n]);
    expect(await store.read('alice')).toMatchObject({ lastSequence: 0n, head: 1n });
    await event('closed');
    expect(server.sessions).toEqual({ count: 0, clientIds: [] });
  });

  it('closes an idle session at once, and accepts nobody any more', async () => {
    const { connect, server, dial } = await world();
    const alice = await connect();
    await server.drain();
    expect(alice.closed).toMatchObject({ code: 1012 });
    await expect(dial()).rejects.toMatchObject({ code: 'E_DIAL_REFUSED' });
    await expect(server.publish('alice', 1)).rejects.toMatchObject({ code: 'E_CLOSED' });
  });

  it('does not wait longer than its window for a handler', async () => {
    const { connect, server } = await world({ onMessage: () => new Promise(() => {}) });
    const alice = await connect();
    alice.send(1);
    await server.drain({ windowMs: 50 });
    expect(alice.closed).toMatchObject({ code: 1012 });
  });

  it('cuts off at its deadline who does not confirm the close', async () => {
    const { connect, server, transport } = await world({ link: { closeTimeout: 60_000 } });
    await connect();
    for (const pair of transport.pairs) pair.faults.down.stall();
    await server.drain({ windowMs: 20, deadlineMs: 50 });
    expect(server.sessions.count).toBe(0);
  });

  it('refuses what is no option, before it ends anything', async () => {
    const { server } = await world();
    for (const [wrong, words] of [
      [null, 'must be an object'],
      [{ windowMS: 5 }, 'is it windowMs?'],
    ] as const) {
      await expect(server.drain(wrong as never)).rejects.toMatchObject({
        code: 'E_OPTION',
        message: expect.stringContaining(words),
      });
    }
    await expect(server.publish('alice', 1, null as never)).rejects.toMatchObject({ code: 'E_OPTION' });
    await expect(server.publish('alice', 1, { timestamp: Number.NaN })).rejects.toMatchObject({
      code: 'E_OPTION',
    });
    expect(await server.publish('alice', 1)).toEqual([1n]);
  });

  it('leaves no timer of a handler whose session had ended before, and keeps nothing of it', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const idle = timers();
    const { opened, open } = gate();
    const store = memoryServerStore();
    let begun = 0;
    const { connect, event, server } = await world({
      store,
      async onMessage(_, tx) {
        begun += 1;
        await opened;
        tx.publish('late');
      },
    });
    const alice = await connect();
    alice.send(1);
    while (begun < 1) await turn();
    alice.link.terminate();
    await event('session-closed');
    await server.drain();
    expect(timers()).toBeLessThanOrEqual(idle);
    open();
    for (let n = 0; n < 5; n++) await turn();
    expect(await store.read('alice')).toMatchObject({ lastSequence: -1n, head: 0n });
  });

  it('waits for a handler whose session has ended already, as long as the window is open', async () => {
    const { opened, open } = gate();
    const store = memoryServerStore();
    let running = false;
    const { connect, server, event } = await world({
      store,
      async onMessage(_, tx) {
        running = true;
        await opened;
        tx.publish('done');
      },
    });
    const alice = await connect();
    alice.send(1);
    while (!running) await turn();
    alice.link.terminate();
    await event('session-closed');
    let over = false;
    const drained = server.drain().then(() => {
      over = true;
    });
    for (let n = 0; n < 20; n++) await turn();
    expect(over).toBe(false);
    open();
    await drained;
    expect(await store.read('alice')).toMatchObject({ lastSequence: 0n, head: 1n });
  });

  it('does not wait longer than its window, nor after close, for a handler that never ends', async () => {
    for (const end of ['window', 'close'] as const) {
      let running = false;
      const { connect, server, event } = await world({
        onMessage: () => {
          running = true;
          return new Promise(() => {});
        },
      });
      const alice = await connect();
      alice.send(1);
      while (!running) await turn();
      alice.link.terminate();
      await event('session-closed');
      const drained = server.drain({ windowMs: end === 'window' ? 20 : 9_000 });
      if (end === 'close') await server.close();
      await drained;
    }
  });

  it('refuses a window beyond the deadline', async () => {
    const { server } = await world();
    await expect(server.drain({ windowMs: 2, deadlineMs: 1 })).rejects.toMatchObject({ code: 'E_OPTION' });
  });

  it('spreads the closes where there are other nodes', async () => {
    const { connect, server } = await world();
    const [alice, bob] = [await connect(), await connect({ clientId: 'bob' })];
    const drained = server.drain({ windowMs: 100, spread: true });
    await alice.untilClosed();
    expect(bob.closed).toBeUndefined();
    await drained;
    expect(bob.closed).toMatchObject({ code: 1012 });
  });
});

describe('close', () => {
  it('waits for no handler, aborts its signal, and may be called again', async () => {
    const { connect, server } = await world({
      onMessage: (_, tx) => new Promise((resolve) => tx.signal.addEventListener('abort', () => resolve())),
    });
    const alice = await connect();
    alice.send(1);
    await Promise.all([server.close(), server.close()]);
    expect(alice.closed).toMatchObject({ code: 1012 });
    await server.close();
    await server.drain();
  });

  it('ends a drain that is under way', async () => {
    const { connect, server } = await world({ onMessage: () => new Promise(() => {}) });
    const alice = await connect();
    alice.send(1);
    const drained = server.drain();
    await Promise.all([drained, server.close()]);
    expect(alice.closed).toMatchObject({ code: 1012 });
  });

  it('is for ever: nothing is published after a second one', async () => {
    const store = memoryServerStore();
    const { server } = await world({ store });
    await server.close();
    await server.close();
    await expect(server.publish('alice', 1)).rejects.toMatchObject({ code: 'E_CLOSED' });
    expect((await store.read('alice')).head).toBe(0n);
  });

  it('keeps nothing of a handler that ends after it, and no timer for one that never does', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const idle = timers();
    const { opened, open } = gate();
    const store = memoryServerStore();
    let begun = 0;
    const { connect, server } = await world({
      store,
      async onMessage(_, tx) {
        begun += 1;
        await opened;
        tx.publish('late');
      },
      onRequest() {
        begun += 1;
        return new Promise(() => {});
      },
    });
    const [alice, bob] = [await connect(), await connect({ clientId: 'bob' })];
    alice.send(1);
    const asked = expect(bob.request('?')).rejects.toThrow('closed with 1012');
    while (begun < 2) await turn();
    await server.close();
    await asked;
    expect(timers()).toBeLessThanOrEqual(idle);
    open();
    for (let n = 0; n < 5; n++) await turn();
    expect(await store.read('alice')).toMatchObject({ lastSequence: -1n, head: 0n });
  });

  it('closes the store that serve made, and leaves one that was given', async () => {
    const given = memoryServerStore();
    const one = await world({ store: given });
    await one.server.close();
    expect(await given.read('alice')).toMatchObject({ head: 0n });
  });

  it('happens at the end of a block, by draining', async () => {
    const { connect, server } = await world();
    const alice = await connect();
    await server[Symbol.asyncDispose]();
    expect(alice.closed).toMatchObject({ code: 1012 });
  });
});
