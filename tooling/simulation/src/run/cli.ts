import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { defaultSize, makePlan, type PlanSize } from '../plan/make-plan.js';
import { runTasks } from './pool.js';
import { report } from './report.js';
import { simulate } from './simulate.js';
import type { Task } from './worker.js';

const usage = `pnpm --filter @sealwire/simulation sim -- [options]
  --seeds N       how many schedules (default 1000)
  --from N        the first seed (default 1), or fresh: one that nobody has chosen
  --seed N        one schedule; a failure is cut down and told
  --trace         with --seed: print everything that happens
  --crypto C      stub or real (default stub)
  --messages N    each way (default ${defaultSize.messages})
  --reconnects N  faults that end a link (default ${defaultSize.reconnects})
  --kinds N       kinds of fault (default ${defaultSize.kinds})
  --threads N     (default: one for each core)
  --minutes N     begin no more after so long, and say how many of the schedules ran (default: no bound)`;

const { values } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    crypto: { type: 'string', default: 'stub' },
    messages: { type: 'string', default: String(defaultSize.messages) },
    reconnects: { type: 'string', default: String(defaultSize.reconnects) },
    kinds: { type: 'string', default: String(defaultSize.kinds) },
    threads: { type: 'string', default: String(availableParallelism()) },
    minutes: { type: 'string', default: 'Infinity' },
    help: { type: 'boolean', default: false },
  },
});

/** More of them tell nothing new. */
const mostFailures = 20;

const size: PlanSize = {
  messages: Number(values.messages),
  reconnects: Number(values.reconnects),
  kinds: Number(values.kinds),
  crypto: values.crypto === 'real' ? 'real' : 'stub',
};

if (values.help) console.log(usage);
else if (values.seed !== undefined) process.exitCode = await replay(Number(values.seed));
else process.exitCode = await runMany(firstSeed(), Number(values.seeds), Number(values.threads));

function firstSeed(): number {
  return values.from === 'fresh' ? 1 + randomInt(2 ** 40) : Number(values.from);
}

async function replay(seed: number): Promise<number> {
  const plan = makePlan(seed, size);
  if (values.trace) for (const line of (await simulate(plan, { lines: true })).lines) console.log(line);
  const words = await report(plan, replayCommand(seed));
  console.log(words ?? `seed ${seed} breaks nothing`);
  return words === undefined ? 0 : 1;
}

async function runMany(from: number, count: number, threads: number): Promise<number> {
  const began = performance.now();
  const end = began + Number(values.minutes) * 60_000;
  let ran = 0;
  let steps = 0;
  let hash = 0;
  const failed: number[] = [];
  await runTasks(tasks(from, count), threads, ({ batch }, result) => {
    if (result === 'hangs') throw new Error(`a schedule from ${batch.from} on does not come to an end`);
    ran += result.ran;
    steps += result.steps;
    hash = (hash + result.hash) | 0;
    for (const { seed, violation } of result.failures) {
      failed.push(seed);
      console.log(`seed ${seed}: ${violation.invariant}: ${violation.words}`);
    }
    return failed.length < mostFailures && performance.now() < end;
  });
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage();
  const cpuMs = (user + system) / 1000;
  console.log(
    `${ran} of ${count} schedules with ${size.crypto} cryptography from seed ${from}: ${failed.length} violations, ${steps} steps, ${seconds.toFixed(1)} s ` +
      `(${(cpuMs / 1000).toFixed(1)} s of CPU, ${(cpuMs / ran).toFixed(1)} ms each) on ${threads} threads, hash ${hash >>> 0}`,
  );
  if (ran < count && failed.length < mostFailures) {
    console.log(`CUT SHORT after ${values.minutes} minutes: ${count - ran} schedules did not run`);
  }
  const first = failed.sort((one, other) => one - other)[0];
  if (first !== undefined) console.log(await report(makePlan(first, size), replayCommand(first)));
  return failed.length === 0 ? 0 : 1;
}

function* tasks(from: number, count: number): Generator<Task> {
  const module = new URL('./batch.js', import.meta.url).href;
  const each = 25;
  for (let start = from; start < from + count; start += each) {
    yield { module, batch: { from: start, count: Math.min(each, from + count - start), size, first: false } };
  }
}

function replayCommand(seed: number): string {
  const changed = (['crypto', 'messages', 'reconnects', 'kinds'] as const)
    .filter((name) => String(size[name]) !== String(defaultSize[name]))
    .map((name) => ` --${name} ${size[name]}`);
  return `pnpm --filter @sealwire/simulation sim -- --seed ${seed}${changed.join('')}`;
}
