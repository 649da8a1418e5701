import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { holds, type Scale, scales } from '../benchmark.js';
import { benchmarks, suites } from '../benchmarks.js';
import { document } from './document.js';
import { type Result, runBenchmark } from './run-benchmark.js';
import { table } from './table.js';

const usage = `pnpm bench [options]
  --only NAME     one benchmark; may be repeated: ${benchmarks.map(({ name }) => name).join(', ')}
  --scale S       ${scales.join(', ')} (default full)
  --keys N        different RSA keys among the clients; some share one where there are fewer (default 256)
  --json FILE     writes the figures there, too
  --write         writes docs/reliability-measured.md, if all goals were measured in full`;

const { values } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  options: {
    only: { type: 'string', multiple: true },
    scale: { type: 'string', default: 'full' },
    keys: { type: 'string', default: '256' },
    json: { type: 'string' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(usage);
else process.exitCode = await main();

async function main(): Promise<number> {
  const scale = scales.find((each) => each === values.scale);
  const unknown = values.only?.filter((name) => !benchmarks.some((each) => each.name === name)) ?? [];
  const keys = Number(values.keys);
  if (scale === undefined || unknown.length > 0 || !Number.isInteger(keys) || keys < 1) {
    console.error(usage);
    return 2;
  }
  const results = await runAll(scale, keys);
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ scale, results }, null, 2)}\n`);
  if (values.write) {
    if (scale !== 'full' || results.length < benchmarks.length) {
      console.error('--write takes a full run of everything');
      return 2;
    }
    writeFileSync(
      fileURLToPath(new URL('../../../../docs/reliability-measured.md', import.meta.url)),
      document(results.filter(({ name }) => suites.reliability.some((each) => each.name === name))),
    );
  }
  return results.every(({ figures, error }) => error === undefined && figures.every(holds)) ? 0 : 1;
}

async function runAll(scale: Scale, keys: number): Promise<Result[]> {
  const results: Result[] = [];
  for (const benchmark of benchmarks) {
    if (values.only !== undefined && !values.only.includes(benchmark.name)) continue;
    const result = await runBenchmark(benchmark, scale, keys);
    console.log(table(result));
    results.push(result);
  }
  return results;
}
