import type { Layout } from '@sealwire/framing';
import { memoryServerStore } from '@sealwire/store';
import { describe, expect, it } from 'vitest';
import { keyPair } from './keys.js';
import { world } from './world.js';

const layouts: readonly Layout[] = ['documented', 'deployed'];
const echo = {
  onMessage: ({ payload }: { payload: unknown }, tx: { publish(payload: unknown): void }) =>
    tx.publish(payload),
  onRequest: ({ payload }: { payload: unknown }) => payload,
};

describe('layout', () => {
  it.each(layouts)('%s serves a client of that layout', async (layout) => {
    const { connect } = await world({ layout, ...echo });
    const alice = await connect({ layout });
    alice.send('message');
    await alice.until(() => alice.messages.length === 1);
    expect(await alice.request('request')).toBe('request');
  });

  it.each(layouts)('%s ends a client of the other layout with 1002', async (layout) => {
    const { connect } = await world({ layout, ...echo });
    const alice = await connect({ layout: layout === 'documented' ? 'deployed' : 'documented' });
    alice.send('message');
    expect(await alice.untilClosed()).toMatchObject({ code: 1002 });
  });

  it.each(layouts)('auto serves a %s client from its first frame on, and remembers it', async (layout) => {
    const store = memoryServerStore();
    const { connect, server } = await world({
      layout: 'auto',
      store,
      deadlines: { layout: 60_000 },
      ...echo,
    });
    await server.publish('alice', 'waiting');
    const first = await connect({ layout });
    expect(first.messages).toEqual([]);
    first.send('message');
    await first.until(() => first.messages.length === 2);
    expect((await store.read('alice')).layout).toBe(layout);
    // Known now: nothing has to be sent first.
    const second = await connect({ layout });
    await second.until(() => second.messages.length === 2);
  });

  it.each(layouts)('auto takes the directory at its word for a %s client', async (layout) => {
    const alice = await keyPair('alice');
    const { connect, server } = await world({
      layout: 'auto',
      clients: new Map([['alice', { publicKey: alice.publicKey, layout }]]),
      deadlines: { layout: 60_000 },
    });
    await server.publish('alice', 'at once');
    const peer = await connect({ layout });
    await peer.until(() => peer.messages.length === 1);
  });

  it('auto takes a client that says nothing for a documented one, after a while', async () => {
    const { connect, server } = await world({ layout: 'auto', deadlines: { layout: 20 } });
    await server.publish('alice', 'x');
    const alice = await connect();
    await alice.until(() => alice.messages.length === 1);
    expect((await server.store.read('alice')).layout).toBeUndefined();
  });

  it('auto lets a client in again that has changed its layout, at the second try', async () => {
    const { connect } = await world({ layout: 'auto', ...echo });
    const old = await connect({ layout: 'deployed' });
    old.send(1);
    await old.until(() => old.messages.length === 1);
    const failing = await connect({ layout: 'documented' });
    failing.send(2);
    expect(await failing.untilClosed()).toMatchObject({ code: 1002 });
    const fresh = await connect({ layout: 'documented', lastSeenOrder: 1n });
    fresh.send(2);
    await fresh.until(() => fresh.messages.length === 1);
  });

  it('of an entry must not contradict the one of the server', async () => {
    const alice = await keyPair('alice');
    const { dial, event } = await world({
      clients: new Map([['alice', { publicKey: alice.publicKey, layout: 'deployed' }]]),
    });
    expect(await (await dial()).untilClosed()).toMatchObject({ code: 1002 });
    expect(await event('directory-problem')).toMatchObject({
      source: 'alice',
      error: { code: 'E_CLIENT_ENTRY' },
    });
  });
});
