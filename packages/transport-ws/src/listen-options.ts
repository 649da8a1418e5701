import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { TransportError } from '@sealwire/transport';
import {
  checkLimits,
  checkNames,
  integerOption,
  type LinkLimits,
  limitNames,
  shown,
  timeoutOption,
} from './limits.js';
import { isLoopbackHost } from './loopback.js';
import type { ConnectionsLimit } from './places.js';
import { checkTls } from './tls-check.js';

/** Options of `listenWebSocket`: either `server`, or `port` and what belongs to an own server. */
export interface ListenOptions extends LinkLimits {
  /** The port of an own server; 0 picks a free one. */
  readonly port?: number;
  /** The address of an own server. Default `127.0.0.1`. */
  readonly host?: string;
  /** Makes the own server a TLS server (1.2 at least): certificate chain and key in PEM. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** An HTTP or HTTPS server of the application: upgrades of `path` are taken, all else is left alone. */
  readonly server?: HttpServer | HttpsServer;
  /** The path of the upgrade request, without query. Default `/`. */
  readonly path?: string;
  /** Accept links without TLS from beyond loopback. Default false. */
  readonly allowPlaintext?: boolean;
  /**
   * A proxy in front does TLS and appends the peer's address to `X-Forwarded-For`: links count as secure, and
   * that address is their `remoteAddress`. Default false.
   */
  readonly behindTlsProxy?: boolean;
  /** The `Origin` of pages that may connect, e.g. `https://example.com`; a request without one is no page. Default: all. */
  readonly allowedOrigins?: readonly string[];
  /** WebSocket subprotocols, the preferred first. Default none. */
  readonly protocols?: readonly string[];
  /** Milliseconds for a TLS handshake, and then for the upgrade request, on an own server. Default 3,000. */
  readonly upgradeTimeout?: number;
  /** Open links; one more is answered 503. Default 10,000. */
  readonly maxConnections?: number;
  /**
   * Open links of one address, or of one /64 of IPv6; one more is answered 429. Loopback is not counted. Default 1,000: a
   * proxy that names no addresses needs more.
   */
  readonly maxConnectionsPerAddress?: number;
  /**
   * Connections of an own server that are not links yet, and of one address as many as `maxConnectionsPerAddress`; one more
   * is taken, and the one that has waited the longest is dropped: of all, or, where none has waited for a second, of the
   * network that has the most. Default: `maxConnections`.
   */
  readonly maxPendingUpgrades?: number;
  /**
   * Told of each link that a limit kept out, with the name of the limit, and at most once a second for each limit of a
   * connection that was dropped before its upgrade. Default: nobody is.
   */
  readonly onFull?: (limit: ConnectionsLimit, remoteAddress: string | undefined) => void;
  /**
   * Told when an own server could not accept a connection, e.g. for want of file descriptors; it goes on listening.
   * Default: a warning of the process.
   */
  readonly onError?: (error: Error) => void;
}

const listenNames: Record<keyof ListenOptions, true> = {
  ...limitNames,
  port: true,
  host: true,
  tls: true,
  server: true,
  path: true,
  allowPlaintext: true,
  behindTlsProxy: true,
  allowedOrigins: true,
  protocols: true,
  upgradeTimeout: true,
  maxConnections: true,
  maxConnectionsPerAddress: true,
  maxPendingUpgrades: true,
  onFull: true,
  onError: true,
};

export type ListenPlan = ReturnType<typeof checkListen>;

export function checkListen(options: ListenOptions) {
  if (typeof options !== 'object' || options === null) {
    throw new TransportError('E_OPTION', 'no options are given: give port or server');
  }
  checkNames('the options of listenWebSocket', options, listenNames);
  const { server, port, host, tls } = options;
  if (tls !== undefined) checkNames('the options in tls', tls, { cert: true, key: true });
  if (server !== undefined && (port !== undefined || host !== undefined || tls !== undefined)) {
    throw new TransportError(
      'E_OPTION',
      'server is given together with port, host or tls: the server has its own',
    );
  }
  if (server === undefined && port === undefined) {
    throw new TransportError('E_OPTION', 'neither port nor server is given: give one of them');
  }
  if (server !== undefined && typeof server?.on !== 'function') {
    throw new TransportError('E_OPTION', 'server is not an HTTP or HTTPS server of Node');
  }
  checkTls(tls);
  const path = options.path ?? '/';
  if (typeof path !== 'string' || !path.startsWith('/') || /[?#\s]/.test(path)) {
    throw new TransportError('E_OPTION', `path is ${shown(path)}: give a path like /feed`);
  }
  if (host !== undefined && typeof host !== 'string') {
    throw new TransportError('E_OPTION', 'host is not a string: give an address or a name');
  }
  checkTexts('allowedOrigins', options.allowedOrigins);
  checkTexts('protocols', options.protocols);
  const maxConnections = integerOption('maxConnections', options.maxConnections ?? 10_000, 1, 1_000_000);
  const plan = {
    server,
    port: integerOption('port', port ?? 0, 0, 65_535),
    host: host ?? '127.0.0.1',
    tls,
    path,
    allowPlaintext: options.allowPlaintext ?? false,
    behindTlsProxy: options.behindTlsProxy ?? false,
    allowedOrigins: options.allowedOrigins && new Set(options.allowedOrigins),
    protocols: options.protocols ?? [],
    upgradeTimeout: timeoutOption('upgradeTimeout', options.upgradeTimeout ?? 3_000),
    maxConnections,
    maxConnectionsPerAddress: integerOption(
      'maxConnectionsPerAddress',
      options.maxConnectionsPerAddress ?? 1_000,
      1,
      1_000_000,
    ),
    maxPendingUpgrades: integerOption(
      'maxPendingUpgrades',
      options.maxPendingUpgrades ?? maxConnections,
      1,
      1_000_000,
    ),
    onFull: options.onFull ?? (() => {}),
    limits: checkLimits(options),
    onError: options.onError ?? ((error: Error) => process.emitWarning(error)),
  };
  if (plan.behindTlsProxy && tls !== undefined) {
    throw new TransportError(
      'E_OPTION',
      'behindTlsProxy and tls are both given: TLS ends either there or here',
    );
  }
  const plaintextAllowed = tls !== undefined || plan.allowPlaintext || plan.behindTlsProxy;
  if (
    server === undefined &&
    !plaintextAllowed &&
    !isLoopbackHost(plan.host === '::1' ? '[::1]' : plan.host)
  ) {
    throw new TransportError(
      'E_INSECURE',
      `${plan.host} is not loopback and there is no TLS: give tls, behindTlsProxy, or allowPlaintext if you accept that`,
    );
  }
  return plan;
}

function checkTexts(name: string, texts: unknown): void {
  const valid =
    texts === undefined || (Array.isArray(texts) && texts.every((text) => typeof text === 'string'));
  if (!valid) throw new TransportError('E_OPTION', `${name} is not a list of strings`);
}
