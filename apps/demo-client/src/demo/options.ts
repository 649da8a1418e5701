import { randomInt } from 'node:crypto';
import { parseFlags, wholeNumber } from '@sealwire/demo-common';

const largestSeed = 2 ** 32 - 1;

/** @throws UsageError */
export function readDemoOptions(args: readonly string[]): { readonly seed: number } | 'help' {
  const { values, switches } = parseFlags(args, { values: ['seed'], switches: ['help'] });
  if (switches.has('help')) return 'help';
  const seed = values.get('seed');
  return { seed: seed === undefined ? randomInt(largestSeed) : wholeNumber('--seed', seed, 0, largestSeed) };
}

export const demoUsage = `npm run demo [-- --seed N]

Starts the demo server and the demo client as two processes with fresh keys, cuts the link between
them again and again, and holds against each other what the two wrote down. Ends with 0 if nothing
was lost, doubled or reordered, else with 1.

  --seed N   cut at the same moments as the run that printed this seed
  --help     show this
`;
