import { resolve } from 'node:path';
import { oneOf, parseFlags, UsageError, wholeNumber } from '@sealwire/demo-common';

export interface DemoClientOptions {
  readonly url: string;
  readonly id: string;
  /** The file of the client's private key. */
  readonly key: string;
  /** The file of the server's public key. */
  readonly serverKey: string;
  readonly layout: 'documented' | 'deployed';
  readonly allowPlaintext: boolean;
  /** The longest pause before the next dial, in ms. */
  readonly reconnectMax: number;
  readonly journal: string | undefined;
}

const names = {
  values: ['url', 'id', 'key', 'server-key', 'layout', 'reconnect-max', 'journal'],
  switches: ['allow-plaintext', 'help'],
} as const;

const missing = {
  url: 'give the address of the server, such as --url ws://127.0.0.1:8080',
  id: 'give the name that the server knows this client by, such as --id demo',
  key: "give the file of this client's private key; the demo server makes one, demo.key, and prints where",
  'server-key': "give the file of the server's public key; the demo server prints where its server.pub is",
};

/** @throws UsageError */
export function readOptions(args: readonly string[]): DemoClientOptions | 'help' {
  const { values, switches } = parseFlags(args, names);
  if (switches.has('help')) return 'help';
  const required = (name: keyof typeof missing): string => {
    const value = values.get(name);
    if (value === undefined) throw new UsageError(`--${name} is missing: ${missing[name]}.`);
    return value;
  };
  const journal = values.get('journal');
  return {
    url: checkUrl(required('url')),
    id: checkId(required('id')),
    key: resolve(required('key')),
    serverKey: resolve(required('server-key')),
    layout: oneOf('--layout', values.get('layout') ?? 'documented', ['documented', 'deployed']),
    allowPlaintext: switches.has('allow-plaintext'),
    reconnectMax: wholeNumber('--reconnect-max', values.get('reconnect-max') ?? '2000', 1, 60_000),
    journal: journal === undefined ? undefined : resolve(journal),
  };
}

/** Never repeats an address that may hold a password. */
function checkUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined ? text.includes('@') : url.username !== '' || url.password !== '') {
    throw new UsageError(
      '--url holds a user name or a password, which do not belong there and end up in logs: take out what stands before the @; the keys prove who you are.',
    );
  }
  if (url?.href.includes('#')) {
    throw new UsageError(
      '--url has a #fragment, which the address of a WebSocket cannot have: take out what begins with #.',
    );
  }
  return text;
}

const longestId = 64;

function checkId(id: string): string {
  if (!/^[\x21-\x7e]+$/.test(id)) {
    throw new UsageError('--id holds a character that no id has: use printable ASCII without spaces.');
  }
  return id;
}

/**
 * @param maxPlaintext bytes that the server's key encrypts
 * @throws UsageError
 */
export function checkIdFits(id: string, maxPlaintext: number): void {
  // The hello is the padded id and 48 bytes more (docs/protocol.md, Primitives).
  const room = Math.floor((maxPlaintext - 48) / 4) * 4;
  if (id.length > room) {
    throw new UsageError(
      `--id has ${id.length} characters, and the hello under this server's key has room for ${room}: take an id of at most ${Math.min(room, longestId)}.`,
    );
  }
  if (id.length > longestId) {
    throw new UsageError(
      `--id has ${id.length} characters, and servers take at most ${longestId}: take a shorter id.`,
    );
  }
}

export const commands = `  {"@type":…}      any JSON is sent as a message
  rpc {"@type":…}  makes a call and shows its answer
  cut              cuts the link abruptly; the client connects again by itself
  status           shows where the client stands
  help             shows this
  quit             waits for what is under way, closes and ends`;

export const usage = `npm run demo:client -- --url URL --id ID --key FILE --server-key FILE [flags]

A terminal for the protocol. Where its input is no terminal it takes one command a line, waits at the
end until everything has come to its end, and ends with 0, or with 1 if something failed.

${commands}

An event is shown with its ORDER and the time (UTC) that the server gave it.

  --url URL           ws:// on this machine, wss:// elsewhere
  --id ID             as the server knows this client
  --key FILE          the client's private key in PEM
  --server-key FILE   the server's public key in PEM
  --layout WHICH      documented or deployed (default documented)
  --reconnect-max MS  the longest pause before the next dial (default 2000)
  --allow-plaintext   dial ws:// beyond this machine; the server has to prove itself there
  --journal FILE      write down what is sent and received, one JSON object a line
  --help              show this
`;
