import 'fake-indexeddb/auto';
import { type ClientChange, type ClientState, memoryClientState } from '@sealwire/store';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openIndexedDbState } from '../src/index.js';

type Step =
  | { readonly kind: 'append'; readonly sizes: readonly number[] }
  | { readonly kind: 'trim'; readonly part: number }
  | { readonly kind: 'save'; readonly change: ClientChange }
  | { readonly kind: 'wait' }
  | { readonly kind: 'reopen' };

const order = fc.bigInt({ min: -2n, max: 20n });
const change = fc.record(
  {
    savedOrder: order,
    reservedOrder: order,
    sequenceOffset: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    pin: fc.option(fc.uint8Array({ maxLength: 20 })),
  },
  { requiredKeys: [] },
);
const sizes = fc.array(fc.nat(50), { maxLength: 4 });
const part = fc.double({ min: 0, max: 1, noNaN: true });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('append'), sizes }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('trim'), part }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('save'), change }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen') }) },
);
const BOUNDS = { maxOutboxEntries: 12 };
let count = 0;

it('is the memory state, whatever is called in whatever order, and after each reopening', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const name = `model-${count++}`;
      const model = memoryClientState(BOUNDS);
      let state = await openIndexedDbState(name, BOUNDS);
      let waiting: Promise<unknown>[] = [];
      for (const one of steps) {
        if (one.kind === 'wait') await Promise.all(waiting.splice(0));
        else if (one.kind === 'reopen') {
          await state.close();
          state = await openIndexedDbState(name, BOUNDS);
          expect(await state.load()).toEqual(await model.load());
        } else {
          const { nextIndex, outbox } = await model.load();
          const first = nextIndex - BigInt(outbox.length);
          const perform = (on: ClientState) => outcome(call(on, one, nextIndex, first, outbox.length));
          const expected = await perform(model);
          waiting.push(perform(state).then((code) => expect(code).toBe(expected)));
        }
      }
      await Promise.all(waiting);
      waiting = [];
      expect(await state.load()).toEqual(await model.load());
      await state.close();
    }),
    { numRuns: 100 },
  );
});

function call(state: ClientState, step: Step, nextIndex: bigint, first: bigint, length: number) {
  if (step.kind === 'trim') return state.trim(first + BigInt(Math.floor(length * step.part)) - 1n);
  if (step.kind === 'save') return state.save(step.change);
  if (step.kind !== 'append') return Promise.resolve();
  const entryOf = (size: number, i: number) => ({
    index: nextIndex + BigInt(i),
    json: new Uint8Array(size).fill(size),
  });
  return state.append(step.sizes.map(entryOf));
}

async function outcome(promise: Promise<void>): Promise<string> {
  return promise.then(
    () => 'resolved',
    (error) => error.code,
  );
}
