import type { Crypto, PublicKey, PublicKeyInput } from '@sealwire/crypto';
import type { Layout } from '@sealwire/framing';
import type { ClientEntry, FindClient } from './directory.js';
import { ServerError } from './errors.js';

/** A client whose entry is usable. */
export interface KnownClient {
  readonly publicKey: PublicKey;
  readonly layout: Layout | undefined;
}

interface Cached {
  readonly source: PublicKeyInput;
  readonly key: PublicKey;
}

/** Looks clients up and imports their keys, the last used of which are kept. */
export class ClientKeys {
  readonly #find: FindClient;
  readonly #crypto: Crypto;
  readonly #layout: Layout | 'auto';
  readonly #maxCached: number;
  /** In the order of use. An entry holds only as long as the directory gives the same source. */
  readonly #cached = new Map<string, Cached>();

  constructor(find: FindClient, crypto: Crypto, layout: Layout | 'auto', maxCached: number) {
    this.#find = find;
    this.#crypto = crypto;
    this.#layout = layout;
    this.#maxCached = maxCached;
  }

  /** Rejects with `E_CLIENT_ENTRY` where there is an entry that cannot be used. */
  async find(clientId: string): Promise<KnownClient | undefined> {
    let entry: ClientEntry | undefined;
    try {
      entry = await this.#find(clientId);
    } catch (cause) {
      throw new ServerError('E_DIRECTORY', 'the client directory failed: see the cause', { cause });
    }
    if (entry === undefined) return undefined;
    if (typeof entry !== 'object' || entry === null) {
      throw new ServerError(
        'E_CLIENT_ENTRY',
        'the directory must give an entry, or undefined where there is none',
      );
    }
    const { layout } = entry;
    if (layout !== undefined && this.#layout !== 'auto' && layout !== this.#layout) {
      throw new ServerError(
        'E_CLIENT_ENTRY',
        `the client has the layout "${layout}", the server serves "${this.#layout}" only: set the server's layout to "auto"`,
      );
    }
    return { publicKey: await this.#key(clientId, entry.publicKey), layout };
  }

  async #key(clientId: string, source: PublicKey | PublicKeyInput): Promise<PublicKey> {
    if (typeof source === 'object' && 'verify' in source) return source;
    const cached = this.#cached.get(clientId);
    this.#cached.delete(clientId);
    const key = cached?.source === source ? cached.key : await this.#import(source);
    this.#cached.set(clientId, { source, key });
    for (const oldest of this.#cached.keys()) {
      if (this.#cached.size <= this.#maxCached) break;
      this.#cached.delete(oldest);
    }
    return key;
  }

  async #import(source: PublicKeyInput): Promise<PublicKey> {
    try {
      return await this.#crypto.importPublicKey(source);
    } catch (cause) {
      throw new ServerError('E_CLIENT_ENTRY', "the client's public key cannot be used: see the cause", {
        cause,
      });
    }
  }
}
