import { TransportError } from '@sealwire/transport';
import { isLoopbackHost } from './loopback.js';

/**
 * The URL in its WHATWG form, so that `ws://0x7f.1` is known as 127.0.0.1.
 * @throws TransportError `E_URL`, or `E_INSECURE` for `ws:` beyond loopback without `allowPlaintext`.
 */
export function checkUrl(url: string | URL, allowPlaintext: boolean): URL {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch (cause) {
    throw new TransportError('E_URL', 'this is not a URL: use wss://host:port/path', { cause });
  }
  if (parsed.protocol !== 'wss:' && parsed.protocol !== 'ws:') {
    throw new TransportError(
      'E_URL',
      `a URL with ${parsed.protocol} cannot be dialed: use wss:// or, on loopback, ws://`,
    );
  }
  if (parsed.username !== '' || parsed.password !== '') {
    throw new TransportError('E_URL', 'the URL carries credentials, which end up in logs: take them out');
  }
  if (parsed.href.includes('#')) {
    throw new TransportError(
      'E_URL',
      'the URL has a fragment, which a WebSocket URL must not have: take it out',
    );
  }
  if (parsed.protocol === 'ws:' && !allowPlaintext && !isLoopbackHost(parsed.hostname)) {
    throw new TransportError(
      'E_INSECURE',
      `ws://${parsed.host} is not encrypted and not loopback: use wss://, or set allowPlaintext if you accept that`,
    );
  }
  return parsed;
}
