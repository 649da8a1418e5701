import { parseArgs } from 'node:util';
import { measure } from './measure.js';
import { pairs } from './questions.js';
import { threshold } from './welch.js';

const { values } = parseArgs({
  options: { samples: { type: 'string', default: '10000' }, only: { type: 'string', default: '' } },
});
let differ = false;
process.stdout.write(`${'two answers'.padEnd(40)}   mean, µs    mean, µs       t   cropped\n`);
for (const pair of pairs.filter(({ name }) => name.includes(values.only))) {
  const { means, t, tCropped } = await measure(pair, Number(values.samples));
  const numbers = [...means.map((mean) => mean.toFixed(1).padStart(11)), t.toFixed(2).padStart(7)];
  process.stdout.write(`${pair.name.padEnd(40)}${numbers.join(' ')} ${tCropped.toFixed(2).padStart(9)}\n`);
  const seen = Math.max(Math.abs(t), Math.abs(tCropped)) >= threshold;
  if (seen !== (pair.control === true)) differ = true;
}
process.exitCode = differ ? 1 : 0;
