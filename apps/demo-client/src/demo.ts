import { endWith, whenOutputCloses } from '@sealwire/demo-common';
import { seededRandom } from '@sealwire/testing';
import { demoUsage, readDemoOptions } from './demo/options.js';
import { makePlan } from './demo/plan.js';
import { runDemo } from './demo/run.js';
import { verdictText } from './demo/story.js';
import { tableText } from './demo/table.js';

const timeLimit = 28_000;
const fewestCuts = 6;

async function main(args: readonly string[]): Promise<void> {
  const options = readDemoOptions(args);
  if (options === 'help') {
    process.stdout.write(demoUsage);
    return;
  }
  const { seed } = options;
  const startedAt = performance.now();
  const tell = (line: string) => {
    console.log(`${((performance.now() - startedAt) / 1000).toFixed(2).padStart(6)} s  ${line}`);
  };
  const stop = new AbortController();
  let unread = false;
  whenOutputCloses(() => {
    unread = true;
    stop.abort();
  });
  process.once('SIGINT', () => stop.abort(new Error('Stopped.')));
  process.once('SIGTERM', () => stop.abort(new Error('Stopped.')));
  const timer = setTimeout(
    () => stop.abort(new Error(`The demo did not end within ${timeLimit / 1000} s: this is a failure.`)),
    timeLimit,
  );
  console.log(`seed ${seed} (npm run demo -- --seed ${seed} cuts at the same moments)\n`);
  try {
    const { ledger, cuts } = await runDemo(makePlan(seededRandom(seed)), tell, stop.signal);
    console.log(`\n${tableText(ledger.rows)}\n`);
    for (const line of verdictText(ledger, cuts)) console.log(line);
    if (cuts < fewestCuts) console.log(`Only ${cuts} cuts happened, which shows too little: run it again.`);
    if (!ledger.clean || cuts < fewestCuts) process.exitCode = 1;
  } catch (error) {
    // Nobody reads on, as with `| head`: there is nobody to tell.
    if (unread) return;
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
}

await main(process.argv.slice(2)).catch(endWith);
