import { connect } from '@sealwire/client';
import { serve } from '@sealwire/server';
import { dialWebSocket, listenWebSocket } from '@sealwire/transport-ws';
import { describe, expect, it } from 'vitest';
import { CuttingProxy } from './cutting-proxy.js';
import { aliceKey, serverKey, serverPublicKey } from './keys.js';

/** Mulberry32: small, seeded, and the same everywhere, so that a failure can be repeated. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const messages = 300;

describe.each([1, 2, 3, 4])('a link reset at random bytes (seed %d)', (seed) => {
  it.each([true, false])(
    'loses, doubles and reorders nothing (checkpoint %s)',
    { timeout: 60_000 },
    async (checkpoint) => {
      const random = seeded(seed);
      const handled: unknown[] = [];
      await using server = await serve({
        listen: listenWebSocket({ port: 0 }),
        serverKey,
        clients: new Map([['alice', { publicKey: aliceKey.publicKey }]]),
        onMessage: ({ sequence, payload }, tx) => {
          handled.push(payload);
          tx.publish({ accepted: Number(sequence) });
          if (Number(sequence) % 3 === 0) tx.publish({ extra: Number(sequence) });
        },
        onRequest: ({ payload }) => payload,
      });
      const port = Number(new URL(server.urls[0] ?? '').port);
      // Ten links are cut, some before the upgrade is done; then one may stay.
      let links = 0;
      const proxy = new CuttingProxy(port, () =>
        ++links > 10 ? Number.POSITIVE_INFINITY : Math.floor(random() * 40_000),
      );
      const received: { order: bigint; payload: unknown }[] = [];
      const client = await connect({
        dial: dialWebSocket(`ws://127.0.0.1:${await proxy.port()}`),
        clientId: 'alice',
        clientKey: aliceKey,
        serverKey: serverPublicKey,
        checkpoint,
        reconnect: { first: 10, max: 100 },
        onMessage: ({ order, payload }) => {
          received.push({ order, payload });
        },
      });
      try {
        const outcomes: Promise<unknown>[] = [];
        for (let n = 0; n < messages; n += 1) {
          const { sequence, outcome } = await client.send({ n });
          expect(sequence).toBe(BigInt(n));
          outcomes.push(outcome);
          if (n % 50 === 0) await client.call({ ask: n }, { idempotent: true, timeout: 30_000 });
        }
        await client.flush();
        const kinds = new Set(
          (await Promise.all(outcomes)).map((outcome) => (outcome as { kind: string }).kind),
        );
        expect([...kinds].every((kind) => kind === 'accepted' || kind === 'consumed')).toBe(true);
        expect(handled).toEqual(Array.from({ length: messages }, (_, n) => ({ n })));
        const published = handled.flatMap((_, n) =>
          n % 3 === 0 ? [{ accepted: n }, { extra: n }] : [{ accepted: n }],
        );
        await expect.poll(() => received.length, { timeout: 20_000 }).toBe(published.length);
        expect(received.map(({ payload }) => payload)).toEqual(published);
        expect(received.map(({ order }) => order)).toEqual(published.map((_, index) => BigInt(index + 1)));
        expect(proxy.cuts).toBeGreaterThan(0);
      } finally {
        await client.close();
        proxy.close();
      }
    },
  );
});
