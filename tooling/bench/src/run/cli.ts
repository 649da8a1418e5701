import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Benchmark, holds, scales } from '../benchmark.js';
import { benchmarks, type Suite, suiteNames, suites } from '../benchmarks.js';
import { writeDocs } from './docs.js';
import { type Run, runAll } from './run.js';

const usage = `pnpm bench [options]
  --suite NAME    ${suiteNames.join(' or ')} (default both)
  --only NAME     one benchmark; may be repeated: ${benchmarks.map(({ name }) => name).join(', ')}
  --scale S       ${scales.join(', ')} (default full)
  --node PATH     the Node that is measured; may be repeated (default the one that runs this)
  --keys N        different RSA keys among the clients; some share one where there are fewer (default 256)
  --json FILE     writes the figures there, too
  --profile DIR   writes a CPU profile of each process there, which takes time itself
  --write         writes the pages of docs/; takes full suites in full`;

const { values } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  options: {
    suite: { type: 'string' },
    only: { type: 'string', multiple: true },
    scale: { type: 'string', default: 'full' },
    node: { type: 'string', multiple: true, default: [process.execPath] },
    keys: { type: 'string', default: '256' },
    json: { type: 'string' },
    profile: { type: 'string' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(usage);
else process.exitCode = await main();

async function main(): Promise<number> {
  const scale = scales.find((each) => each === values.scale);
  const chosen = chosenSuites();
  const selected = chosen && select(chosen);
  const keys = Number(values.keys);
  if (scale === undefined || selected === undefined || !Number.isInteger(keys) || keys < 1) return misused();
  if (values.write && (scale !== 'full' || values.only !== undefined || values.profile !== undefined))
    return misused();

  const profiles = values.profile === undefined ? {} : { profiles: values.profile };
  const runs: Run[] = [];
  for (const node of values.node) runs.push(await runAll(selected, { node, scale, keys, ...profiles }));
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ runs }, null, 2)}\n`);
  if (values.write) for (const suite of chosen ?? []) writeDocs(suite, runs);
  const results = runs.flatMap((run) => run.results);
  return results.every(({ figures, error }) => error === undefined && figures.every(holds)) ? 0 : 1;
}

function misused(): number {
  console.error(usage);
  return 2;
}

function chosenSuites(): readonly Suite[] | undefined {
  if (values.suite === undefined) return suiteNames;
  const suite = suiteNames.find((name) => name === values.suite);
  return suite && [suite];
}

function select(chosen: readonly Suite[]): readonly Benchmark[] | undefined {
  const known = benchmarks.filter((benchmark) => chosen.some((suite) => suites[suite].includes(benchmark)));
  if (values.only === undefined) return known;
  if (values.only.some((name) => !known.some((benchmark) => benchmark.name === name))) return undefined;
  return known.filter(({ name }) => values.only?.includes(name));
}
