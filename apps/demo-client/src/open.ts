import { type Client, type ConnectionState, connect } from '@sealwire/client';
import { codeOf, readPrivateKey, readPublicKey, UsageError } from '@sealwire/demo-common';
import { dialWebSocket } from '@sealwire/transport-ws';
import { type CuttableDialer, cuttable } from './cuttable.js';
import { checkIdFits, type DemoClientOptions } from './options.js';
import { errorText, layoutHint } from './texts.js';

const connectTimeout = 10_000;

export interface OpenClient {
  readonly client: Client;
  readonly cut: () => void;
}

/**
 * Reads the keys and connects.
 *
 * @throws UsageError for what the options have wrong, Error with one sentence where there is no server
 */
export async function openClient(
  options: DemoClientOptions,
  onState: (state: ConnectionState) => void,
): Promise<OpenClient> {
  const clientKey = await readPrivateKey('--key', options.key);
  const serverKey = await readPublicKey('--server-key', options.serverKey);
  checkIdFits(options.id, serverKey.maxPlaintext);
  const { dial, cut } = dialer(options);
  try {
    const client = await connect({
      dial,
      clientId: options.id,
      clientKey,
      serverKey,
      layout: options.layout,
      // The demo server answers it; one that does not, ends the session and shows why.
      checkpoint: true,
      connectTimeout,
      reconnect: { max: options.reconnectMax },
      onState,
    });
    return { client, cut };
  } catch (error) {
    throw connectError(error, options);
  }
}

function dialer({ url, allowPlaintext }: DemoClientOptions): CuttableDialer {
  try {
    return cuttable(dialWebSocket(url, { allowPlaintext }));
  } catch (error) {
    if (codeOf(error) === 'E_INSECURE') {
      throw new UsageError(
        `--url ${url} has no TLS and leads beyond this machine, so anybody on the way could cut, hold back or alter what passes: use wss://, or add --allow-plaintext if you accept that.`,
        { cause: error },
      );
    }
    throw new UsageError(
      `--url ${url} cannot be dialed: give an address such as ws://127.0.0.1:8080 or wss://example.com/path.`,
      { cause: error },
    );
  }
}

function connectError(error: unknown, { url, id }: DemoClientOptions): Error {
  if (httpStatus(error) === 404) {
    return new UsageError(
      `--url ${url}: nothing is served at the path ${new URL(url).pathname} there (404): check the path.`,
      { cause: error },
    );
  }
  switch (codeOf(error)) {
    case 'E_REFUSED':
      return new UsageError(
        `The server refuses ${id}: check that --server-key is this server's, and that it knows --id by the public half of --key.`,
        { cause: error },
      );
    case 'E_HANDSHAKE':
      return new UsageError(
        `The handshake fails at this side: check that the server knows --id ${id}, and by the public half of --key.`,
        { cause: error },
      );
    case 'E_CONNECT_TIMEOUT':
      return new Error(
        `No session with ${url} within ${connectTimeout / 1000} s (${lastCause(error)}): start the server, or check --url${layoutHint(error)}.`,
        { cause: error },
      );
    default:
      return new Error(`No session with ${url}: ${errorText(error)}${layoutHint(error)}.`, { cause: error });
  }
}

/** What the server answered instead of a WebSocket, where that ended the dial. */
function httpStatus(error: unknown): unknown {
  if (!(error instanceof Error)) return undefined;
  return 'status' in error ? error.status : httpStatus(error.cause);
}

function lastCause(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? 'no answer' : errorText(cause);
}
