import type { PublicKey, PublicKeyInput } from '@sealwire/crypto';
import type { Layout } from '@sealwire/framing';

/** What a server knows of a client. */
export interface ClientEntry {
  /** An imported key, or PEM or DER as `importPublicKey` of @sealwire/crypto reads it. */
  readonly publicKey: PublicKey | PublicKeyInput;
  /** The client's layout. Only with `layout: 'auto'`, or equal to the server's. */
  readonly layout?: Layout;
  /**
   * 'require': this client is hardened or refused. For a key with which an older program may sign whatever it is given,
   * and for every client that is known to be able. Refused where the server's `hardening` is 'off'.
   */
  readonly hardening?: 'require';
}

/** Finds a client; `undefined` where there is none. Called at each handshake, before anything is proved. */
export type FindClient = (clientId: string) => ClientEntry | undefined | PromiseLike<ClientEntry | undefined>;

/** A directory with a life of its own, such as `directoryFolder`. */
export interface WatchedDirectory {
  /** Begins to watch. `report` takes what is wrong with a part of it; the rest works on. */
  open(report: (source: string, error: Error) => void): Promise<OpenDirectory>;
}

export interface OpenDirectory {
  readonly find: FindClient;
  /**
   * The keys are imported when the directory opens or changes, as far as that goes. Without it what `find` gives is imported
   * at a hello, and something at the first hello of each other id, so that the time does not tell who exists.
   */
  readonly importsEarly?: boolean;
  /** Clients whose keys are imported before the server listens, so that no hello takes the time for it. */
  ids?(): Iterable<string>;
  close(): void | Promise<void>;
}

/** Who may connect. */
export type ClientDirectory = ReadonlyMap<string, ClientEntry> | FindClient | WatchedDirectory;

export function isDirectory(value: unknown): value is ClientDirectory {
  if (typeof value === 'function') return true;
  if (typeof value !== 'object' || value === null) return false;
  const { open, get } = value as { readonly open?: unknown; readonly get?: unknown };
  return typeof open === 'function' || typeof get === 'function';
}

/** Any directory, opened. */
export async function openDirectory(
  directory: ClientDirectory,
  report: (source: string, error: Error) => void,
): Promise<OpenDirectory> {
  if (typeof directory === 'function') return { find: directory, close() {} };
  if ('open' in directory) return directory.open(report);
  return {
    find: (clientId) => directory.get(clientId),
    importsEarly: directory.keys !== undefined,
    ids: () => directory.keys?.() ?? [],
    close() {},
  };
}
