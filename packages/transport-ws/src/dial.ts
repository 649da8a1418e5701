import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type Dialer, type Link, TransportError } from '@sealwire/transport';
import { WebSocket } from 'ws';
import { connectPlain, connectTls, type DialTls, secureContextOf } from './connect.js';
import { type DialPhase, dialError, httpError } from './dial-error.js';
import { checkLimits, checkNames, type LinkLimits, limitNames, timeoutOption } from './limits.js';
import { isLoopbackAddress } from './loopback.js';
import { checkTls } from './tls-check.js';
import { checkUrl } from './url.js';
import { WsLink } from './ws-link.js';
import { wsOptions } from './ws-options.js';

/** Options of `dialWebSocket`. */
export interface DialOptions extends LinkLimits {
  /** Accept `ws:` beyond loopback: everybody on the way can read, change and inject. Default false. */
  readonly allowPlaintext?: boolean;
  readonly tls?: DialTls;
  /** Headers of the upgrade request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** WebSocket subprotocols to offer; the server must choose one of them. */
  readonly protocols?: readonly string[];
  /** Milliseconds from the call to the open link: name look-up, TCP, TLS and upgrade. Default 5,000. */
  readonly handshakeTimeout?: number;
}

const dialNames: Record<keyof DialOptions, true> = {
  ...limitNames,
  allowPlaintext: true,
  tls: true,
  headers: true,
  protocols: true,
  handshakeTimeout: true,
};
const tlsNames: Record<keyof DialTls, true> = { ca: true, cert: true, key: true, servername: true };

const DEFAULT_HANDSHAKE_TIMEOUT = 5_000;

/**
 * A dialer for a WebSocket server. Redirects are refused, compression is never offered.
 * @throws TransportError `E_URL`, `E_INSECURE` or `E_OPTION` at once; what fails later rejects the dial.
 */
export function dialWebSocket(url: string | URL, options: DialOptions = {}): Dialer {
  const plan = checkDial(url, options);
  return ({ signal }) =>
    new Promise<Link>((resolve, reject) => {
      signal.throwIfAborted();
      const attempt = openWebSocket(plan);
      const { ws } = attempt;
      const fail = (error: TransportError) => {
        settle();
        reject(error);
        ws.terminate();
      };
      const timer = setTimeout(() => {
        const { handshakeTimeout, target } = plan;
        fail(
          new TransportError('E_DIAL_TIMEOUT', `${target.host} opened no link within ${handshakeTimeout} ms`),
        );
      }, plan.handshakeTimeout);
      const onAbort = () => fail(abortError(signal.reason));
      signal.addEventListener('abort', onAbort);
      const settle = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      };

      ws.on('error', (error) => fail(dialError(error, attempt.phase, plan.target)));
      ws.once('unexpected-response', (_request, answer) => fail(httpError(answer, plan.target)));
      ws.once('upgrade', ({ socket }: IncomingMessage) => {
        ws.once('open', () => {
          settle();
          resolve(linkOf(ws, socket, plan));
        });
      });
    }).catch((error: unknown) => {
      throw signal.aborted ? abortError(signal.reason) : error;
    });
}

type Plan = ReturnType<typeof checkDial>;

function checkDial(url: string | URL, options: DialOptions) {
  checkNames('the options of dialWebSocket', options, dialNames);
  if (options.tls !== undefined) checkNames('the options in tls', options.tls, tlsNames);
  const allowPlaintext = options.allowPlaintext ?? false;
  const target = checkUrl(url, allowPlaintext);
  const secure = target.protocol === 'wss:';
  if (options.tls !== undefined && !secure) {
    throw new TransportError('E_OPTION', 'tls is given for a ws: URL: use wss:, or leave tls out');
  }
  checkTls(secureContextOf(options.tls));
  return {
    target,
    secure,
    allowPlaintext,
    tls: options.tls ?? {},
    headers: { ...options.headers },
    protocols: [...(options.protocols ?? [])],
    limits: checkLimits(options),
    handshakeTimeout: timeoutOption(
      'handshakeTimeout',
      options.handshakeTimeout ?? DEFAULT_HANDSHAKE_TIMEOUT,
    ),
  };
}

function openWebSocket({ target, secure, allowPlaintext, tls, headers, protocols, limits }: Plan) {
  const attempt: { phase: DialPhase; ws: WebSocket } = { phase: 'connect', ws: openWith(connect) };
  return attempt;

  function connect(): Socket {
    const socket = secure ? connectTls(target, tls) : connectPlain(target, allowPlaintext);
    socket.once('connect', () => {
      attempt.phase = secure ? 'tls' : 'upgrade';
    });
    socket.once('secureConnect', () => {
      attempt.phase = 'upgrade';
    });
    return socket;
  }

  function openWith(createConnection: () => Socket): WebSocket {
    try {
      return new WebSocket(target, protocols, { ...wsOptions(limits), headers, createConnection });
    } catch (cause) {
      throw new TransportError(
        'E_OPTION',
        'headers or protocols hold a name or value that HTTP does not allow',
        { cause },
      );
    }
  }
}

function linkOf(ws: WebSocket, socket: Socket, { secure, limits }: Plan): Link {
  const { remoteAddress } = socket;
  ws.removeAllListeners('error');
  const local = isLoopbackAddress(remoteAddress);
  return new WsLink(ws, socket, limits, { masks: true, secure, local, remoteAddress });
}

function abortError(reason: unknown): TransportError {
  return new TransportError('E_DIAL_ABORTED', 'the dial was aborted', { cause: reason });
}
