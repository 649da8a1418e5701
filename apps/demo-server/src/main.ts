import { codeOf, endWith, UsageError, whenOutputCloses } from '@sealwire/demo-common';
import { directoryFolder, type ServeOptions, type Server, serve } from '@sealwire/server';
import type { ServerStore } from '@sealwire/store';
import { listenWebSocket } from '@sealwire/transport-ws';
import { eventText } from './event-text.js';
import { acceptMessage, answerRequest } from './handlers.js';
import { Journal } from './journal.js';
import { observedStore } from './observed-store.js';
import { openStore } from './open-store.js';
import { type DemoServerOptions, readOptions, usage } from './options.js';
import { Positions } from './positions.js';
import { type PreparedKeys, prepareKeys } from './prepare-keys.js';

/** Emitting a million events takes its time. */
const handlerTimeout = 600_000;

async function main(args: readonly string[]): Promise<void> {
  // A server serves on, whether or not somebody still reads what it says.
  whenOutputCloses(() => {});
  const options = readOptions(args);
  if (options === 'help') {
    process.stdout.write(usage);
    return;
  }
  const listen = listenAt(options);
  const journal = options.journal === undefined ? undefined : new Journal(options.journal);
  const keys = await prepareKeys(options);
  for (const note of keys.notes) console.log(note);
  const store = await openStore(options.data);
  const server = await start(options, listen, keys, store, journal).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  const url = (server.urls[0] ?? '').replace(/\/$/, '');
  stopOnSignal(server, store, journal);
  console.log(`Messages are kept in ${options.data}: what was confirmed is there after a restart.`);
  console.log(howToConnect(url, keys));
  console.log(`listening on ${url}`);
}

async function start(
  options: DemoServerOptions,
  listen: ServeOptions['listen'],
  { serverKey, clientsFolder }: PreparedKeys,
  durable: ServerStore,
  journal: Journal | undefined,
): Promise<Server> {
  const positions = new Positions();
  const store = observedStore(durable, journal ? [positions, journal] : [positions]);
  const lab = options.lab
    ? {
        publish: (clientId: string, event: object) => server.publish(clientId, event),
        behind: (clientId: string) => positions.behind(clientId),
      }
    : undefined;
  const server: Server = await serve({
    listen,
    serverKey,
    clients: directoryFolder(clientsFolder),
    layout: options.layout,
    store,
    handlerTimeout,
    onMessage(message, tx) {
      acceptMessage(message, tx);
      journal?.handled(message.sequence, message.payload);
    },
    onRequest: (request) => answerRequest(request, lab),
    onEvent(event) {
      const text = eventText(event);
      if (text !== undefined) console.log(text);
    },
  }).catch((error: unknown) => {
    throw startError(error, options);
  });
  return server;
}

function listenAt({ host, port, allowPlaintext }: DemoServerOptions) {
  try {
    return listenWebSocket({ host, port, allowPlaintext });
  } catch (error) {
    if (codeOf(error) !== 'E_INSECURE') throw error;
    throw new UsageError(
      `--host ${host} can be reached from other machines and this server has no TLS, so anybody on the way could cut, hold back or alter what passes: keep --host 127.0.0.1, or add --allow-plaintext if you accept that.`,
      { cause: error },
    );
  }
}

function startError(error: unknown, { host, port }: DemoServerOptions): unknown {
  switch (codeOf(error)) {
    case 'E_PORT_IN_USE':
      return new UsageError(
        `--port ${port} is in use at ${host}: stop the program that has it, or give another port (0 picks a free one).`,
        { cause: error },
      );
    case 'E_LISTEN': {
      const reason = error instanceof Error ? codeOf(error.cause) : undefined;
      return new UsageError(
        `Nothing can listen at --host ${host} --port ${port} (${reason ?? 'unknown error'}): give an address of this machine and a port that you may use.`,
        { cause: error },
      );
    }
    default:
      return error;
  }
}

function howToConnect(url: string, { demoKeyFile, serverPublicFile }: PreparedKeys): string {
  const key = demoKeyFile ?? 'FILE';
  const id = demoKeyFile === undefined ? 'ID' : 'demo';
  const shell = (path: string) => (/^[\w./\\:-]+$/.test(path) ? path : JSON.stringify(path));
  return `connect with: npm run demo:client -- --url ${url} --id ${id} --key ${shell(key)} --server-key ${shell(serverPublicFile)}`;
}

function stopOnSignal(server: Server, store: ServerStore, journal: Journal | undefined): void {
  let stopping = false;
  const stop = async () => {
    // Whoever asks twice does not want to wait.
    if (stopping) process.exit(1);
    stopping = true;
    try {
      await server.drain();
      await store.close();
      journal?.close();
      process.exit(0);
    } catch (error) {
      endWith(error);
      process.exit();
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop());
  // Only where a program started this one and keeps a channel to it, as the demo does.
  process.once('disconnect', () => void stop());
}

await main(process.argv.slice(2)).catch(endWith);
