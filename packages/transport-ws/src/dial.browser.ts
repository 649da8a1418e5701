import { type Dialer, type Link, TransportError } from '@sealwire/transport';
import { BrowserLink } from './browser-link.js';
import {
  checkLimits,
  checkNames,
  integerOption,
  type LinkLimits,
  limitNames,
  timeoutOption,
} from './limits.js';
import { isLoopbackHost } from './loopback.js';
import { checkUrl } from './url.js';

/** Options of `dialWebSocket` in a browser, which decides itself about TLS and headers. */
export interface DialOptions extends LinkLimits {
  /** Accept `ws:` beyond loopback: everybody on the way can read, change and inject. Default false. */
  readonly allowPlaintext?: boolean;
  /** WebSocket subprotocols to offer; the server must choose one of them. */
  readonly protocols?: readonly string[];
  /** Milliseconds from the call to the open link. Default 5,000. */
  readonly handshakeTimeout?: number;
  /** Bytes that may come before the link is started, because a page cannot stop reading. Default 1,048,576. */
  readonly maxWaitingBytes?: number;
}

const dialNames: Record<keyof DialOptions, true> = {
  ...limitNames,
  allowPlaintext: true,
  protocols: true,
  handshakeTimeout: true,
  maxWaitingBytes: true,
};

const DEFAULT_HANDSHAKE_TIMEOUT = 5_000;
const DEFAULT_MAX_WAITING_BYTES = 1_048_576;

/**
 * A dialer for a WebSocket server. A browser tells a page nothing of why a connection failed: every failure but a
 * timeout and an abort is `E_DIAL_FAILED`, and an HTTP status is not seen.
 * @throws TransportError `E_URL`, `E_INSECURE` or `E_OPTION` at once; what fails later rejects the dial.
 */
export function dialWebSocket(url: string | URL, options: DialOptions = {}): Dialer {
  checkNames('the options of dialWebSocket in a browser', options, dialNames);
  const target = checkUrl(url, options.allowPlaintext ?? false);
  const handshakeTimeout = timeoutOption(
    'handshakeTimeout',
    options.handshakeTimeout ?? DEFAULT_HANDSHAKE_TIMEOUT,
  );
  const protocols = [...(options.protocols ?? [])];
  const linkOptions = {
    ...checkLimits(options),
    maxWaitingBytes: integerOption(
      'maxWaitingBytes',
      options.maxWaitingBytes ?? DEFAULT_MAX_WAITING_BYTES,
      0,
      Number.MAX_SAFE_INTEGER,
    ),
    secure: target.protocol === 'wss:',
    local: isLoopbackHost(target.hostname),
  };

  return ({ signal }) =>
    new Promise<Link>((resolve, reject) => {
      if (signal.aborted) throw abortError(signal.reason);
      const ws = open(target, protocols);
      const settle = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        ws.onopen = null;
        ws.onclose = null;
      };
      const fail = (error: TransportError) => {
        settle();
        ws.close();
        reject(error);
      };
      const onAbort = () => fail(abortError(signal.reason));
      signal.addEventListener('abort', onAbort);
      const timer = setTimeout(() => {
        fail(
          new TransportError('E_DIAL_TIMEOUT', `${target.host} opened no link within ${handshakeTimeout} ms`),
        );
      }, handshakeTimeout);
      ws.onclose = () => {
        fail(
          new TransportError(
            'E_DIAL_FAILED',
            `no link to ${target.host}: the browser does not tell a page why`,
          ),
        );
      };
      ws.onopen = () => {
        settle();
        resolve(new BrowserLink(ws, linkOptions));
      };
    });
}

function open(target: URL, protocols: string[]): WebSocket {
  try {
    const ws = new WebSocket(target, protocols);
    ws.binaryType = 'arraybuffer';
    return ws;
  } catch (cause) {
    throw new TransportError(
      'E_DIAL_FAILED',
      'the browser refuses this URL or these protocols on this page',
      { cause },
    );
  }
}

function abortError(reason: unknown): TransportError {
  return new TransportError('E_DIAL_ABORTED', 'the dial was aborted', { cause: reason });
}
