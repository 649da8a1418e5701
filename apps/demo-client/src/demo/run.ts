import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { FaultProxy, type Program, startProgram } from '@sealwire/test-support';
import type { ClientRecord } from '../journal.js';
import { type Cut, Cutter } from './cuts.js';
import { type Ledger, makeLedger } from './ledger.js';
import type { Step } from './plan.js';
import { readJournal } from './read-journal.js';
import type { ServerRecord } from './server-record.js';
import { cutText } from './story.js';

const serverFile = fileURLToPath(new URL('../../../demo-server/dist/main.js', import.meta.url));
const clientFile = fileURLToPath(new URL('../main.js', import.meta.url));
/** Milliseconds that bytes are on their way, so that each cut meets some. */
const latency = 15;
const stepEvery = 10;
const reconnectMax = 250;
/** Nothing new for this long: what has not arrived by now never will. */
const stallTimeout = 5_000;
const checkEvery = 100;

export interface RunResult {
  readonly ledger: Ledger;
  readonly cuts: number;
}

/**
 * Runs the plan between two processes, with a proxy that cuts the link between them.
 *
 * @param tell takes a line for each thing that happens
 * @param signal ends the run early; nothing of it stays behind
 */
export async function runDemo(
  plan: readonly Step[],
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<RunResult> {
  const folder = await mkdtemp(join(tmpdir(), 'sealwire-demo-'));
  const journals = { client: join(folder, 'client.jsonl'), server: join(folder, 'server.jsonl') };
  const programs: Program[] = [];
  const start = (...args: Parameters<typeof startProgram>): Program => {
    const program = startProgram(...args);
    programs.push(program);
    return program;
  };
  let proxy: FaultProxy | undefined;
  const stop = () => {
    for (const program of programs) program.kill('SIGKILL');
    void proxy?.close();
  };
  signal.addEventListener('abort', stop);
  try {
    const server = start(serverFile, [
      '--port',
      '0',
      '--data',
      folder,
      '--lab',
      '--journal',
      journals.server,
    ]);
    const port = await server.lines.find((line) => /^listening on ws:.*:(\d+)$/.exec(line)?.[1]);
    tell(`the server runs as a process of its own, with fresh keys, on port ${port}`);
    const cuts: Cut[] = [];
    proxy = await FaultProxy.open({ port: Number(port) }, { latency });
    const cutter = new Cutter(proxy, (cut) => {
      cuts.push(cut);
      tell(cutText(cuts.length, cut));
    });
    const client = start(clientFile, clientArgs(folder, proxy.port, journals.client));
    const pass = (line: string) => {
      if (line.startsWith('* ')) tell(`client: ${line.slice(2)}`);
    };
    await client.lines.find((line) => {
      pass(line);
      return line.startsWith('* connected') ? true : undefined;
    });
    const passing = passAll(client, pass);
    tell('messages, calls and events begin to flow');
    await feed(plan, client, cutter, signal);
    tell('everything is sent; waiting for what is under way');
    await untilArrived(plan.length, journals, signal);
    client.endInput();
    await client.exited;
    await passing;
    server.kill('SIGTERM');
    const { code } = await server.exited;
    tell(`the client has closed; the server has drained and ended with ${code ?? 'the signal'}`);
    for (const complaint of programs.map((program) => program.complaints())) {
      if (complaint !== '') tell(complaint);
    }
    const records = await readBoth(journals);
    return { ledger: makeLedger(records.client, records.server), cuts: cuts.length };
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
    await Promise.all(programs.map(({ exited }) => exited));
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function clientArgs(folder: string, port: number, journal: string): string[] {
  return [
    ...['--url', `ws://127.0.0.1:${port}`],
    ...['--id', 'demo'],
    ...['--key', join(folder, 'demo.key')],
    ...['--server-key', join(folder, 'server.pub')],
    ...['--reconnect-max', String(reconnectMax)],
    ...['--journal', journal],
  ];
}

async function feed(
  plan: readonly Step[],
  client: Program,
  cutter: Cutter,
  signal: AbortSignal,
): Promise<void> {
  for (const { line, cuts } of plan) {
    for (const cut of cuts) cutter.arm(cut);
    client.write(line);
    await sleep(stepEvery, undefined, { signal });
  }
}

async function passAll(client: Program, pass: (line: string) => void): Promise<void> {
  for await (const line of client.lines) pass(line);
}

interface Journals {
  readonly client: string;
  readonly server: string;
}

async function readBoth({ client, server }: Journals) {
  return { client: await readJournal<ClientRecord>(client), server: await readJournal<ServerRecord>(server) };
}

/** Resolves when all steps are made and the journals agree, or when nothing has been added to them for a while. */
async function untilArrived(steps: number, journals: Journals, signal: AbortSignal): Promise<void> {
  let length = -1;
  for (let stalled = 0; stalled < stallTimeout; stalled += checkEvery) {
    const { client, server } = await readBoth(journals);
    const made = client.filter(({ kind }) => kind === 'sent' || kind === 'called').length;
    if (made === steps && makeLedger(client, server).clean) return;
    if (client.length + server.length !== length) stalled = 0;
    length = client.length + server.length;
    await sleep(checkEvery, undefined, { signal });
  }
}
