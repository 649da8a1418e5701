import { describe, expect, it } from 'vitest';
import { world } from './world.js';

describe('server', () => {
  it('carries a client from the hello over messages to a resumed session', async () => {
    const { connect, server, transport } = await world({
      onMessage({ clientId, sequence, payload }, tx) {
        tx.publish({ echo: payload, sequence: String(sequence), clientId });
      },
      onRequest: ({ payload }) => ({ asked: payload }),
    });
    const first = await connect();
    expect(first.lastSeenSequence).toBe(-1n);
    first.send({ n: 1 });
    first.send({ n: 2 });
    await first.until(() => first.messages.length === 2);
    expect(first.payloads()).toEqual([
      { echo: { n: 1 }, sequence: '0', clientId: 'alice' },
      { echo: { n: 2 }, sequence: '1', clientId: 'alice' },
    ]);
    expect(await first.request({ q: 1 })).toEqual({ asked: { q: 1 } });
    const [pair] = transport.pairs;
    pair?.faults.cut();
    await first.untilClosed();
    const orders = await server.publish(['alice', 'bob'], { missed: true });
    expect(orders).toEqual([3n, 1n]);
    const second = await connect({ lastSeenOrder: 1n });
    expect(second.lastSeenSequence).toBe(1n);
    await second.until(() => second.messages.length === 2);
    expect(second.messages.map(({ order }) => order)).toEqual([2n, 3n]);
  });
});
