import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readCorpus } from '../engine/corpus.js';
import { judge } from '../engine/engine.js';
import { Probe } from '../engine/probe.js';
import type { Target } from '../engine/target.js';
import { targets } from '../targets/index.js';
import { keepFinding } from './findings.js';
import { grow } from './grow.js';
import { runTasks } from './pool.js';
import { isFinding, Summary, tableHead } from './summary.js';
import { makeTasks } from './tasks.js';

const usage = `pnpm --filter @sealwire/fuzz fuzz -- [options]
  --runs N       executions, shared out among the targets (default 100000)
  --seed TEXT    the same seed gives the same inputs (default 1)
  --target NAME  only this one; may be given several times
  --input FILE   run this one input through --target
  --threads N    (default: one for each core)
  --minutes N    begin no more after so long, and say how many of the runs were done (default: no bound)
  --missed       list the code that was not reached
  --grow         keep what was found in the corpus, and make it small
targets: ${targets.map(({ name }) => name).join(', ')}`;

const { values } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  options: {
    runs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    target: { type: 'string', multiple: true, default: [] },
    input: { type: 'string' },
    threads: { type: 'string', default: String(availableParallelism()) },
    minutes: { type: 'string', default: 'Infinity' },
    missed: { type: 'boolean', default: false },
    grow: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const findings = fileURLToPath(new URL('../../reports/findings/', import.meta.url));

const unknown = values.target.find((name) => !targets.some((target) => target.name === name));
const chosen = targets.filter(({ name }) => values.target.length === 0 || values.target.includes(name));
if (values.help || unknown !== undefined) {
  console.log(unknown === undefined ? usage : `there is no target ${unknown}\n${usage}`);
  process.exitCode = values.help ? 0 : 2;
} else if (values.input !== undefined) process.exitCode = await replay(chosen, values.input);
else process.exitCode = await runMany(chosen);

async function replay([target, ...others]: readonly Target[], file: string): Promise<number> {
  if (target === undefined || others.length > 0) {
    console.log('--input needs the one --target that it is for');
    return 2;
  }
  const probe = new Probe();
  const violation = await judge(target, new Uint8Array(readFileSync(file)), probe);
  console.log(`${target.name}: slowest call ${probe.slowest.toFixed(2)} ms`);
  if (violation === undefined) return 0;
  console.log(`${violation.kind}: ${violation.message}`);
  console.log(violation.cause instanceof Error ? violation.cause.stack : violation.stack);
  return 1;
}

async function runMany(chosen: readonly Target[]): Promise<number> {
  const began = performance.now();
  const end = began + Number(values.minutes) * 60_000;
  const summaries = new Map(chosen.map(({ name }) => [name, new Summary(name, readCorpus(name).length)]));
  const broken: string[] = [];
  await runTasks(
    makeTasks(chosen, Number(values.runs), values.seed),
    Number(values.threads),
    ({ target }, result) => {
      if (!isFinding(result)) summaries.get(target)?.add(result);
      const finding = isFinding(result) ? result : result.finding;
      if (!isFinding(result) && result.suspicion !== undefined) {
        console.log(`${target}: ${result.suspicion.words}, but not on a fresh thread: its task ended early`);
      }
      if (finding !== undefined) {
        broken.push(target);
        console.log(keepFinding(findings, target, finding));
      }
      return broken.length < 20 && performance.now() < end;
    },
  );
  console.log(tableHead);
  for (const summary of summaries.values()) {
    console.log(summary.line());
    if (values.missed) for (const place of summary.missed()) console.log(`    ${place}`);
  }
  const all = [...summaries.values()].reduce((sum, { executions }) => sum + executions, 0);
  const seconds = (performance.now() - began) / 1000;
  console.log(
    `${all} of ${values.runs} executions from seed ${values.seed}: ${broken.length} violations, ${seconds.toFixed(1)} s`,
  );
  if (values.grow) for (const target of chosen) await grow(target, summaries.get(target.name)?.found ?? []);
  return broken.length === 0 ? 0 : 1;
}
