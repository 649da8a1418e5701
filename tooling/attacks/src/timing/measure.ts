import { fileURLToPath } from 'node:url';
import { startProgram } from '@sealwire/test-support';
import type { Pair } from './questions.js';
import { type Comparison, compare } from './welch.js';

/**
 * Asks a server in a process of its own both questions of the pair, `samples` times each in random order, and compares
 * the microseconds until its close.
 */
export async function measure({ questions, lanes }: Pair, samples: number): Promise<Comparison> {
  const file = fileURLToPath(import.meta.resolve('./server-program.js'));
  await using server = startProgram(file, [], { timeout: 60_000 });
  const port = Number(await server.lines.next());
  const times: readonly [number[], number[]] = [[], []];
  const kinds = shuffled(samples);
  const work = async (lane: number) => {
    for (let kind = kinds.pop(); kind !== undefined; kind = kinds.pop()) {
      const { client, ask } = await questions[kind](port, lane);
      const closed = client.closed();
      const begin = performance.now();
      ask();
      await closed;
      times[kind].push((performance.now() - begin) * 1_000);
      client.destroy();
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, lane) => work(lane)));
  // While code is compiled and caches are cold, nothing is alike.
  const warm = (values: readonly number[]) => values.slice(Math.floor(values.length / 20));
  return compare(warm(times[0]), warm(times[1]));
}

/** So many of each, in random order. */
function shuffled(count: number): (0 | 1)[] {
  const kinds = Array.from({ length: 2 * count }, (_, n): 0 | 1 => (n % 2 === 0 ? 0 : 1));
  for (let last = kinds.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    [kinds[last], kinds[other]] = [kinds[other] ?? 0, kinds[last] ?? 0];
  }
  return kinds;
}
