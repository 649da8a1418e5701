import { declared } from '../dist/engine/probe.js';
import { decodeToy } from './toy-decoder.mjs';

/** Targets with a fault each, for the tests of the engine. */
const toyErrors = declared('ToyError', ['E_TOY']);
const sources = ['tooling/fuzz/test/toy-decoder.mjs'];
const seeds = () => [new Uint8Array(8)];

const toy = (name, run) => ({ name, sources, seeds, run });

function busy(milliseconds) {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

let slowOnce = true;

export const targets = [
  toy('sound', (input, probe) => void probe.call(input.length, toyErrors, () => input.length)),
  toy('deep', (input, probe) => void probe.call(input.length, toyErrors, () => decodeToy(input))),
  toy(
    'slow',
    (input, probe) => void probe.call(input.length, toyErrors, () => busy(input[3] === 1 ? 60 : 0)),
  ),
  toy(
    'slow-once',
    (input, probe) =>
      void probe.call(input.length, toyErrors, () => {
        if (slowOnce) busy(60);
        slowOnce = false;
      }),
  ),
  toy(
    'greedy-buffer',
    (input, probe) => void probe.call(input.length, toyErrors, () => new Uint8Array((input[0] ?? 0) << 17)),
  ),
  toy(
    'greedy-objects',
    (input, probe) =>
      void probe.call(input.length, toyErrors, () =>
        Array.from({ length: input[2] === 0xff ? 2_048 : 0 }, () => ({ a: {} })),
      ),
  ),
  toy(
    'endless',
    (input, probe) =>
      void probe.call(input.length, toyErrors, () => {
        while (input[1] === 0x80);
      }),
  ),
  toy('broken-rule', (input) => {
    if (input.length > 12) throw new RangeError('a fault of the target');
  }),
];
