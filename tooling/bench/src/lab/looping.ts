import type { LoopCalls } from '../programs/loops.js';
import { alternate } from './alternate.js';
import type { Lab } from './lab.js';
import type { RunPace } from './pace.js';

/**
 * Operations a second of each of those loops, which alternate in one process.
 *
 * @param file in `loops/`, without its ending
 */
export async function loopRates<Name extends string>(
  lab: Lab,
  file: string,
  names: readonly Name[],
  { repetitions, warmMs, ms }: RunPace,
): Promise<Readonly<Record<Name, readonly number[]>>> {
  const program = lab.program<LoopCalls>('loops');
  await program.call('load', file);
  for (const name of names) await program.call('rate', name, warmMs);
  const contestants = names.map((name) => [
    name,
    async () => ({ rate: await program.call('rate', name, ms) }),
  ]);
  const outcome = await alternate(
    Object.fromEntries(contestants) as Record<Name, () => Promise<{ rate: number }>>,
    repetitions,
  );
  await program.kill();
  const rates = names.map((name) => [name, outcome[name].rate]);
  return Object.fromEntries(rates) as Record<Name, readonly number[]>;
}
