import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { TransportError } from '@sealwire/transport';
import { isLoopbackAddress } from './loopback.js';

/** How far a dial has come. */
export type DialPhase = 'connect' | 'tls' | 'upgrade';

/** Names what ended a dial, from how far it had come and what the operating system said. */
export function dialError(cause: Error, phase: DialPhase, { host }: URL): TransportError {
  if ('code' in cause && cause.code === 'E_INSECURE' && cause instanceof TransportError) return cause;
  if (phase === 'tls') {
    return new TransportError('E_TLS', `no trusted TLS with ${host}: ${cause.message}`, { cause });
  }
  if (phase === 'upgrade') {
    return new TransportError(
      'E_DIAL_FAILED',
      `${host} did not answer as a WebSocket server: ${cause.message}`,
      { cause },
    );
  }
  switch ('code' in cause ? cause.code : undefined) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
      return new TransportError('E_DNS', `the name in ${host} was not found: check it, and the network`, {
        cause,
      });
    case 'ECONNREFUSED':
      return new TransportError('E_DIAL_REFUSED', `nobody listens at ${host}`, { cause });
    case 'ETIMEDOUT':
      return new TransportError('E_DIAL_TIMEOUT', `${host} did not answer`, { cause });
    default:
      return new TransportError('E_DIAL_FAILED', `no connection to ${host}: ${cause.message}`, { cause });
  }
}

type HttpAnswer = Pick<IncomingMessage, 'statusCode' | 'headers'> & {
  readonly socket: Pick<Socket, 'remoteAddress'>;
};

/** Names an HTTP answer that is not an upgrade. */
export function httpError(
  { statusCode: status = 0, headers, socket }: HttpAnswer,
  { host, protocol }: URL,
): TransportError {
  const forgeable = protocol !== 'wss:' && !isLoopbackAddress(socket.remoteAddress);
  if (status >= 300 && status < 400) {
    return new TransportError(
      'E_REDIRECT',
      `${host} redirects (${status}): dial the right URL, none is followed`,
      { status, forgeable },
    );
  }
  const retryAfter = parseRetryAfter(headers['retry-after'], Date.now());
  return new TransportError('E_HTTP_STATUS', `${host} answered ${status} instead of a WebSocket upgrade`, {
    status,
    forgeable,
    ...(retryAfter !== undefined && { retryAfter }),
  });
}

/** RFC 9110 section 10.2.3: whole seconds, or a date. In milliseconds; undefined if it is neither. */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
