import type { Crypto, PublicKey, PublicKeyInput } from '@sealwire/crypto';
import type { Layout } from '@sealwire/framing';
import type { HardeningMode } from '@sealwire/session';
import type { ClientEntry, FindClient } from './directory.js';
import { ServerError } from './errors.js';
import { forgetOldest } from './forget-oldest.js';

/** A client whose entry is usable. */
export interface KnownClient {
  readonly publicKey: PublicKey;
  readonly layout: Layout | undefined;
  readonly requireHardening: boolean;
}

export interface ClientKeysOptions {
  readonly layout: Layout | 'auto';
  readonly hardening: HardeningMode;
  readonly allowKeySharing: boolean;
  readonly maxCachedKeys: number;
  /** Fingerprints of the server's own keys. */
  readonly serverKeys: readonly string[];
}

interface Cached {
  readonly source: PublicKeyInput;
  readonly key: PublicKey;
}

/** Looks clients up and imports their keys, the last used of which are kept. */
export class ClientKeys {
  readonly #find: FindClient;
  readonly #crypto: Crypto;
  readonly #options: ClientKeysOptions;
  /** In the order of use. An entry holds only as long as the directory gives the same source. */
  readonly #cached = new Map<string, Cached>();
  /** Client ids by the fingerprints of their keys, in the order of use. */
  readonly #owners = new Map<string, string>();

  constructor(find: FindClient, crypto: Crypto, options: ClientKeysOptions) {
    this.#find = find;
    this.#crypto = crypto;
    this.#options = options;
  }

  /** Rejects with `E_CLIENT_ENTRY` where there is an entry that cannot be used. */
  async find(clientId: string): Promise<KnownClient | undefined> {
    const entry = await this.#entry(clientId);
    if (entry === undefined) return undefined;
    if (typeof entry !== 'object' || entry === null) {
      throw entryError('the directory must give an entry, or undefined where there is none');
    }
    const { layout, hardening } = entry;
    if (layout !== undefined && this.#options.layout !== 'auto' && layout !== this.#options.layout) {
      throw entryError(
        `the client has the layout "${layout}", the server serves "${this.#options.layout}" only: set the server's layout to "auto"`,
      );
    }
    if (hardening === 'require' && this.#options.hardening === 'off') {
      throw entryError('the client requires hardening, which is "off" at this server');
    }
    const publicKey = await this.#key(clientId, entry.publicKey);
    if (!this.#options.allowKeySharing) await this.#assertOwn(clientId, publicKey);
    return { publicKey, layout, requireHardening: hardening === 'require' };
  }

  async #entry(clientId: string): Promise<ClientEntry | undefined> {
    try {
      return await this.#find(clientId);
    } catch (cause) {
      throw new ServerError('E_DIRECTORY', 'the client directory failed: see the cause', { cause });
    }
  }

  /** Whoever has one key under two ids could be either of them: refused by default, as far as it is noticed. */
  async #assertOwn(clientId: string, { fingerprint }: PublicKey): Promise<void> {
    if (this.#options.serverKeys.includes(fingerprint)) {
      throw entryError("the client's key is the server's own");
    }
    const owner = this.#owners.get(fingerprint);
    this.#owners.delete(fingerprint);
    this.#owners.set(fingerprint, owner ?? clientId);
    forgetOldest(this.#owners, this.#options.maxCachedKeys);
    if (owner === undefined || owner === clientId) return;
    const other = await this.#entry(owner);
    const theirs = other === undefined ? undefined : await this.#key(owner, other.publicKey);
    if (theirs?.fingerprint === fingerprint) {
      throw entryError(
        `the client's key is also that of "${owner}": give each its own, or set allowKeySharing`,
      );
    }
    // The other one has another key by now.
    this.#owners.set(fingerprint, clientId);
  }

  async #key(clientId: string, source: PublicKey | PublicKeyInput): Promise<PublicKey> {
    if (typeof source === 'object' && 'verify' in source) return source;
    const cached = this.#cached.get(clientId);
    this.#cached.delete(clientId);
    const key = cached?.source === source ? cached.key : await this.#import(source);
    this.#cached.set(clientId, { source, key });
    forgetOldest(this.#cached, this.#options.maxCachedKeys);
    return key;
  }

  async #import(source: PublicKeyInput): Promise<PublicKey> {
    try {
      return await this.#crypto.importPublicKey(source);
    } catch (cause) {
      throw entryError("the client's public key cannot be used: see the cause", cause);
    }
  }
}

function entryError(message: string, cause?: unknown): ServerError {
  return new ServerError('E_CLIENT_ENTRY', message, cause === undefined ? undefined : { cause });
}
