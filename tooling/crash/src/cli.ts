import { readOptions, usage } from './run/options.js';
import { longestRecovery, tooSlow } from './run/recovery.js';
import { summaryText, violationText } from './run/report.js';
import { run } from './run/run.js';

const startedAt = performance.now();
const seconds = () => ((performance.now() - startedAt) / 1000).toFixed(1);

async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  if (options === 'help') {
    process.stdout.write(usage);
    return;
  }
  const { seed, server, client, clients, keep, keepFolder } = options;
  const command = `--seed ${seed} --server ${server} --client ${client} --clients ${clients} --keep ${keep}`;
  console.log(command);
  const result = await run(options, (line) => console.log(`${seconds().padStart(7)} s  ${line}`));
  const { stage, violations } = result;
  console.log(`\n${summaryText(result)}`);
  const slow = tooSlow(result.recoveries);
  if (slow) console.log(`\nToo slow: the first confirmation has to come within ${longestRecovery} ms.`);
  for (const violation of violations) console.log(`\n${violationText(violation, stage.folder)}`);
  const failed = violations.length > 0;
  console.log(
    failed
      ? `\n${violations.length} violations in ${seconds()} s. Once more: ${command}. The folder is kept: ${stage.folder}`
      : `\nNothing lost, doubled or reordered in ${seconds()} s.`,
  );
  await stage.close({ keep: failed || keepFolder });
  if (failed || slow) process.exitCode = 1;
}

await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.stack : error);
  process.exitCode = 2;
});
