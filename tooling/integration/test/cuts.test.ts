import { connect } from '@sealwire/client';
import { serve } from '@sealwire/server';
import { FaultProxy } from '@sealwire/test-support';
import { seededRandom } from '@sealwire/testing';
import { dialWebSocket, listenWebSocket } from '@sealwire/transport-ws';
import { describe, expect, it } from 'vitest';
import { aliceKey, serverKey, serverPublicKey } from './keys.js';

const messages = 300;

describe.each([1, 2, 3, 4])('a link reset at random bytes (seed %d)', (seed) => {
  it.each([true, false])(
    'loses, doubles and reorders nothing (checkpoint %s) [N1, N5, N6, N8]',
    { timeout: 60_000 },
    async (checkpoint) => {
      const random = seededRandom(seed);
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
      await using proxy = await FaultProxy.open(
        { port },
        {
          onLink: (link) => {
            if (link.number <= 10) link.cutAfter(random.between(0, 40_000));
          },
        },
      );
      const received: { order: bigint; payload: unknown }[] = [];
      const client = await connect({
        dial: dialWebSocket(`ws://127.0.0.1:${proxy.port}`),
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
      }
    },
  );
});
