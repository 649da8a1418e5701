import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { type ServerEvent, serve } from '@sealwire/server';
import { listenWebSocket } from '@sealwire/transport-ws';
import { publicKeys, serverKey } from '../keys.js';
import { witnessId } from './names.js';

/** What the server says when it is asked with `report`; counted since the question before. */
export interface ServerReport {
  /** Milliseconds. */
  readonly loopDelay: { readonly p99: number; readonly max: number };
  /** Links that were turned away and handshakes that were refused, by limit or code. */
  readonly refused: Readonly<Record<string, number>>;
}

process.once('disconnect', () => process.exit());

let refused: Record<string, number> = {};
const add = (what: string, count: number): void => {
  refused[what] = (refused[what] ?? 0) + count;
};

function onEvent(event: ServerEvent): void {
  if (event.type === 'overloaded') add(event.limit, event.count);
  if (event.type === 'handshake-refused' && event.code !== 1013) add(`closed with ${event.code}`, 1);
}

const witnesses = Number(process.argv[2]);
const server = await serve({
  listen: listenWebSocket({ port: 0 }),
  serverKey,
  // One key for all, to begin sooner.
  clients: new Map(
    Array.from({ length: witnesses }, (_, n) => [witnessId(n), { publicKey: publicKeys.alice }]),
  ),
  allowKeySharing: true,
  onEvent,
});
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
process.stdout.write(`${new URL(server.urls[0] ?? '').port}\n`);

for await (const line of createInterface({ input: process.stdin })) {
  if (line !== 'report') continue;
  const report: ServerReport = {
    loopDelay: { p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 },
    refused,
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
  refused = {};
  delay.reset();
}
