import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openState } from '../src/open.js';
import { History } from './history.js';
import { play, type Step } from './play.js';
import { SimulatedDisk } from './simulated-disk.js';

const { SEALWIRE_RUNS = 200 } = process.env;
const runs = Number(SEALWIRE_RUNS);
const BOUNDS = { maxOutboxEntries: 12 };
const OPTIONS = { ...BOUNDS, compactBytes: 3_000 };

const order = fc.bigInt({ min: -2n, max: 20n });
const change = fc.record(
  {
    savedOrder: order,
    reservedOrder: order,
    sequenceOffset: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    pin: fc.option(fc.uint8Array({ maxLength: 2_000 })),
  },
  { requiredKeys: [] },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('append'), sizes: fc.array(fc.nat(1_500), { maxLength: 5 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('trim'), part: fc.double({ min: 0, max: 1, noNaN: true }) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('save'), change }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait') }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('turn') }) },
);

/** One life of the process, and where it ends: at a call of the disk, or when all is done. */
const life = fc.record({
  steps: fc.array(step, { maxLength: 25 }),
  stopAt: fc.nat(60),
  power: fc.boolean(),
  fates: fc.array(fc.nat(1_000), { minLength: 1, maxLength: 20 }),
});

it(
  'is after any lives and any ends of them what the memory state would be after some prefix of the calls',
  async () => {
    const lives = fc.array(life, { minLength: 1, maxLength: 4 });
    let stops = 0;
    await fc.assert(
      fc.asyncProperty(lives, async (all) => {
        const disk = new SimulatedDisk();
        const history = new History(BOUNDS);
        for (const { steps, stopAt, power, fates } of all) {
          disk.calls.length = 0;
          const stopped = new Promise<'stopped'>((resolve) => {
            disk.fault = (_call, number) => {
              if (number !== stopAt) return undefined;
              setImmediate(() => resolve('stopped'));
              return 'stop';
            };
          });
          const lived = openState(disk, '/state', OPTIONS).then(async (state) => {
            await history.found(await state.load());
            return play(state, history, steps);
          });
          const end = await Promise.race([lived, stopped]);
          if (end === 'stopped') stops += 1;
          else expect(end).toBeUndefined();
          let turn = 0;
          if (power) disk.powerCut((below) => (fates[turn++ % fates.length] ?? 0) % below);
          else disk.kill();
        }
        await history.found(await (await openState(disk, '/state', OPTIONS)).load());
      }),
      { numRuns: runs },
    );
    expect(stops, 'lives that ended at a call').toBeGreaterThan(runs / 4);
  },
  20_000 + runs * 100,
);
