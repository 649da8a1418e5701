import type { Benchmark } from '../benchmark.js';
import { ratio, repeated, thousands } from '../lab/figures.js';
import { loopRates } from '../lab/looping.js';
import { paceOf } from '../lab/pace.js';

export const seal: Benchmark = {
  name: 'seal',
  measures:
    'frames of 200 bytes sealed and opened, one at a time and in batches of 64, beside one cipher object for each frame, in one process',
  target: 'sealing 4 times, opening 3 times as fast; sealing a batch 15 times',
  covers: [],
  async run(lab, scale) {
    const names = ['seal', 'open', 'sealBatch', 'openBatch', 'sealNaively', 'openNaively'] as const;
    const rates = await loopRates(lab, 'seal', names, paceOf[scale]);
    return [
      ratio('seal : a cipher for each', rates.seal, rates.sealNaively, { least: 4 }),
      ratio('open : a cipher for each', rates.open, rates.openNaively, { least: 3 }),
      ratio('seal 64 : a cipher for each', rates.sealBatch, rates.sealNaively, { least: 15 }),
      ratio('open 64 : a cipher for each', rates.openBatch, rates.openNaively),
      repeated('seal', thousands(rates.seal), 'thousand/s'),
      repeated('open', thousands(rates.open), 'thousand/s'),
      repeated('seal 64', thousands(rates.sealBatch), 'thousand/s'),
      repeated('open 64', thousands(rates.openBatch), 'thousand/s'),
      repeated('seal, a cipher for each', thousands(rates.sealNaively), 'thousand/s'),
      repeated('open, a cipher for each', thousands(rates.openNaively), 'thousand/s'),
    ];
  },
};
