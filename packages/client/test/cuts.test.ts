import { memoryClientState } from '@sealwire/store';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../src/index.js';
import { type Keys, makeKeys } from './keys.js';
import { meet } from './set-up.js';
import { turn, until } from './until.js';

let keys: Keys;
beforeAll(async () => {
  keys = await makeKeys();
});

/** Where one link is cut: after so many frames in one direction. The handshake is the first two up and the first down. */
const cut = fc.record({
  direction: fc.constantFrom('up' as const, 'down' as const),
  frames: fc.integer({ min: 0, max: 9 }),
});

const plan = fc.record({
  cuts: fc.array(cut, { maxLength: 6 }),
  /** SEQUENCEs at which the server ends the session, before or after it counted the message. */
  faults: fc.dictionary(
    fc.integer({ min: 0, max: 19 }).map(String),
    fc.constantFrom('lost' as const, 'counted' as const),
    {
      maxKeys: 4,
    },
  ),
  checkpoint: fc.boolean(),
  pausing: fc.boolean(),
  split: fc.boolean(),
  restartAfter: fc.option(fc.integer({ min: 0, max: 19 }), { nil: undefined }),
});

const count = 20;
const numbers = Array.from({ length: count }, (_, n) => n);

describe('whatever is cut', () => {
  test('every message arrives once and in order, in both directions', async () => {
    await fc.assert(
      fc.asyncProperty(plan, async ({ cuts, faults, checkpoint, pausing, split, restartAfter }) => {
        const waiting = { ...faults };
        const { server, transport, options } = await meet(
          keys,
          {
            checkpoint,
            onMessage: ({ sequence }) => {
              const fault = waiting[String(sequence)];
              delete waiting[String(sequence)];
              return fault ?? 'accept';
            },
          },
          {
            pausing,
            down: { batching: split ? 'split' : 'kept' },
            up: { batching: split ? 'split' : 'kept' },
          },
        );
        const next = [...cuts];
        transport.onPair = ({ faults: link }) => {
          const now = next.shift();
          if (now !== undefined) link[now.direction].cutAfterFrames(now.frames);
        };
        server.log.push(...numbers);
        const state = memoryClientState();
        const seen: bigint[] = [];
        const suspect: bigint[] = [];
        const start = (own = state) =>
          connect({
            ...options,
            state: own,
            checkpoint,
            reconnect: { max: 3 },
            inbox: { maxMessages: 4 },
            onMessage: async ({ order, possiblyHandled }) => {
              (possiblyHandled ? suspect : seen).push(order);
              await turn();
            },
          });
        let client = await start();
        for (const n of numbers) {
          const sending = client.send(n);
          sending.catch(() => {});
          if (n % 3 === 0) await turn();
          if (n !== restartAfter) continue;
          // The next process may begin where everything that was accepted is in the state.
          await sending;
          await client.close();
          client = await start(state.reopen());
        }
        await until(() => server.accepted.length === count && new Set([...seen, ...suspect]).size === count);
        expect(server.accepted).toEqual(numbers);
        // Nothing is seen twice unless it is marked, and nothing is left out.
        expect(seen).toEqual([...seen].sort((a, b) => Number(a - b)));
        expect(new Set(seen).size).toBe(seen.length);
        expect(
          [...new Set([...seen, ...suspect])].every((order) => order >= 1n && order <= BigInt(count)),
        ).toBe(true);
        if (restartAfter === undefined) expect(suspect).toEqual([]);
        await client.close();
      }),
      { numRuns: 30, seed: 20_260_101, endOnFailure: true },
    );
  });
});
