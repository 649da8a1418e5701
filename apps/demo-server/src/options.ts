import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { oneOf, parseFlags, wholeNumber } from '@sealwire/demo-common';
import { defaultDataFolder } from './data-folder.js';

export interface DemoServerOptions {
  readonly port: number;
  readonly host: string;
  /** The folder of the messages, and of the keys that the server makes. */
  readonly data: string;
  /** The file of the server's private key; without it `server.key` in `data`. */
  readonly serverKey: string | undefined;
  /** The folder of the clients' public keys; without it `clients` in `data`. */
  readonly clients: string | undefined;
  readonly layout: 'documented' | 'deployed' | 'auto';
  readonly lab: boolean;
  readonly allowPlaintext: boolean;
  readonly journal: string | undefined;
}

const names = {
  values: ['port', 'host', 'data', 'server-key', 'clients', 'layout', 'journal'],
  switches: ['lab', 'allow-plaintext', 'help'],
} as const;

/** @throws UsageError */
export function readOptions(args: readonly string[]): DemoServerOptions | 'help' {
  const { values, switches } = parseFlags(args, names);
  if (switches.has('help')) return 'help';
  const file = (name: 'data' | 'server-key' | 'clients' | 'journal') => {
    const path = values.get(name);
    return path === undefined ? undefined : resolve(path);
  };
  return {
    port: wholeNumber('--port', values.get('port') ?? '8080', 0, 65_535),
    host: values.get('host') ?? '127.0.0.1',
    data: file('data') ?? defaultDataFolder(process.platform, process.env, homedir()),
    serverKey: file('server-key'),
    clients: file('clients'),
    layout: oneOf('--layout', values.get('layout') ?? 'documented', ['documented', 'deployed', 'auto']),
    lab: switches.has('lab'),
    allowPlaintext: switches.has('allow-plaintext'),
    journal: file('journal'),
  };
}

export const usage = `npm run demo:server -- [flags]

A server that takes every message that is a JSON object and answers it with an event:
{"@type":"Accepted","sequence":"<n>","message":<the object>}

  --port N            where to listen; 0 picks a free port (default 8080)
  --host ADDRESS      the address to listen at (default 127.0.0.1)
  --allow-plaintext   listen without TLS at an address that is not loopback
  --data DIR          where messages are kept, and keys made if they are missing (default: the user's data folder)
  --server-key FILE   the server's private key in PEM (default: server.key in --data)
  --clients DIR       public keys, one file <client id>.pub for each client (default: clients in --data)
  --layout WHICH      documented, deployed or auto (default documented)
  --lab               answer the calls {"@type":"Echo",…} and {"@type":"Emit","count":N,"bytes":B}
  --journal FILE      write down what is handled, accepted and published, one JSON object a line
  --help              show this
`;
