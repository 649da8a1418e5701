import { endWith, whenOutputCloses } from '@sealwire/demo-common';
import { Conversation } from './conversation.js';
import { runInteractive } from './interactive.js';
import { Journal } from './journal.js';
import { LinkNews } from './link-news.js';
import { openClient } from './open.js';
import { commands, type DemoClientOptions, readOptions, usage } from './options.js';
import { runPlain } from './plain.js';
import { openPrompt, type Prompt } from './prompt.js';

async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  if (options === 'help') {
    process.stdout.write(usage);
    return;
  }
  const journal = options.journal === undefined ? undefined : new Journal(options.journal);
  const failures = await talk(options, journal);
  journal?.close();
  if (failures > 0) process.exitCode = 1;
}

async function talk(options: DemoClientOptions, journal: Journal | undefined): Promise<number> {
  let prompt: Prompt | undefined;
  const print = (line: string) => (prompt === undefined ? console.log(line) : prompt.print(line));
  const news = new LinkNews();
  const { client, cut } = await openClient(options, (state) => {
    const line = news.next(state);
    if (line !== undefined) print(`* ${line}`);
  });
  // Nobody reads on, as with `| head`: that is no failure, and there is nobody to tell more.
  whenOutputCloses(() => void client.close().then(() => process.exit(0)));
  const conversation = new Conversation(client, { print, cut, journal });
  if (process.stdin.isTTY && process.stdout.isTTY) {
    console.log(`Type JSON to send it. Commands:\n${commands}`);
    prompt = openPrompt(process.stdin, process.stdout);
    await runInteractive(conversation, prompt);
    prompt = undefined;
    await client.close();
    // What was mistyped or refused is seen by whoever typed it; what is lost is not.
    return conversation.lost;
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void client.close().then(() => process.exit(1)));
  }
  await runPlain(conversation, process.stdin);
  const stopped = client.state.kind === 'stopped';
  await client.close();
  return conversation.failures + (stopped ? 1 : 0);
}

await main(process.argv.slice(2)).catch(endWith);
