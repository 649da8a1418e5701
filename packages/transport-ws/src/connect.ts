import { isIP, connect as netConnect, type Socket } from 'node:net';
import { type SecureContextOptions, connect as tlsConnect } from 'node:tls';
import { TransportError } from '@sealwire/transport';
import { isLoopbackAddress } from './loopback.js';

/** Whom to trust, and who to be, on `wss:`. TLS 1.2 at least; the certificate is always checked. */
export interface DialTls {
  /** Certificates (PEM) to trust instead of those that Node trusts. */
  readonly ca?: string | readonly string[];
  /** The own certificate (PEM), if the server asks for one. */
  readonly cert?: string;
  /** The key (PEM) of `cert`. */
  readonly key?: string;
  /** The name that the certificate must have, if it is not the host of the URL. */
  readonly servername?: string;
}

export function connectPlain(url: URL, allowPlaintext: boolean): Socket {
  const socket = netConnect({ host: hostOf(url), port: Number(url.port || 80) });
  if (!allowPlaintext) {
    // The name was a loopback name; that its address is loopback too shows only now, before a byte is sent.
    socket.once('connect', () => {
      const { remoteAddress } = socket;
      if (isLoopbackAddress(remoteAddress)) return;
      // A peer that has reset the connection already has no address any more: nothing is known of where it was.
      const error =
        remoteAddress === undefined
          ? new Error('the peer reset the connection at once')
          : new TransportError(
              'E_INSECURE',
              `${url.host} leads to ${remoteAddress}, which is not loopback: use wss://`,
            );
      socket.destroy(error);
    });
  }
  return socket;
}

export function secureContextOf({ ca, cert, key }: DialTls = {}): SecureContextOptions {
  return {
    ...(ca !== undefined && { ca: [ca].flat() }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
}

export function connectTls(url: URL, tls: DialTls): Socket {
  const { servername } = tls;
  const host = hostOf(url);
  return tlsConnect({
    ...secureContextOf(tls),
    host,
    port: Number(url.port || 443),
    servername: servername ?? (isIP(host) === 0 ? host : ''),
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
    // Said aloud, because an environment variable can turn the default off.
    rejectUnauthorized: true,
  });
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}
