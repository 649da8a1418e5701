import type { Crypto, PublicKey, PublicKeyInput } from '@sealwire/crypto';
import type { Layout } from '@sealwire/framing';
import type { HardeningMode } from '@sealwire/session';
import type { PeerKey } from './decoys.js';
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
  /** The directory's keys are imported at hellos: then the first of each id takes the time for it, whoever it is. */
  readonly importsAtHellos: boolean;
  /** Imported in place of what is not there, until the directory has given something to import itself. */
  readonly standIn: PublicKeyInput;
  /** Fingerprints of the server's own keys. */
  readonly serverKeys: readonly string[];
}

interface Cached {
  /** Undefined where there was nothing to import but a stand-in. */
  readonly source: PublicKeyInput | undefined;
  /** Or why there is none. */
  readonly key: PublicKey | ServerError | undefined;
}

/** Looks clients up and imports their keys, the last used of which are kept. */
export class ClientKeys {
  readonly #find: FindClient;
  readonly #crypto: Crypto;
  readonly #options: ClientKeysOptions;
  /** In the order of use. An entry holds only as long as the directory gives the same source. */
  readonly #cached = new Map<string, Cached>();
  /** Client ids that proved to have a key, by its fingerprint, in the order of use. */
  readonly #owners = new Map<string, string>();
  /** The last that the directory gave, because one takes as long as another of its kind. */
  #standIn: PublicKeyInput;

  constructor(find: FindClient, crypto: Crypto, options: ClientKeysOptions) {
    this.#find = find;
    this.#crypto = crypto;
    this.#options = options;
    this.#standIn = options.standIn;
  }

  /** Rejects with `E_CLIENT_ENTRY` where there is an entry that cannot be used. */
  async find(clientId: string): Promise<KnownClient | undefined> {
    const entry = await this.#entry(clientId);
    // Before anything else is looked at, so that the time tells neither who is unknown nor whose entry cannot be used.
    const publicKey = await this.#key(clientId, entry?.publicKey);
    if (entry === undefined) return undefined;
    if (publicKey === undefined) throw entryError('the entry has no publicKey');
    const { layout, hardening } = entry;
    if (layout !== undefined && this.#options.layout !== 'auto' && layout !== this.#options.layout) {
      throw entryError(
        `the client has the layout "${layout}", the server serves "${this.#options.layout}" only: set the server's layout to "auto"`,
      );
    }
    if (hardening === 'require' && this.#options.hardening === 'off') {
      throw entryError('the client requires hardening, which is "off" at this server');
    }
    if (!this.#options.allowKeySharing) await this.#assertOwn(clientId, publicKey);
    return { publicKey, layout, requireHardening: hardening === 'require' };
  }

  async #entry(clientId: string): Promise<ClientEntry | undefined> {
    let entry: ClientEntry | undefined;
    try {
      entry = await this.#find(clientId);
    } catch (cause) {
      throw new ServerError('E_DIRECTORY', 'the client directory failed: see the cause', { cause });
    }
    if (entry === undefined || (typeof entry === 'object' && entry !== null)) return entry;
    throw entryError('the directory must give an entry, or undefined where there is none');
  }

  /**
   * The client has proved that it has this key: no other id may have it. Not earlier: whoever had the public key of another
   * one entered under an own id could otherwise keep that one out with a hello, for which nobody needs the private key.
   */
  proved(clientId: string, { fingerprint }: PeerKey): void {
    if (fingerprint === undefined || this.#options.allowKeySharing) return;
    const owner = this.#owners.get(fingerprint) ?? clientId;
    this.#owners.delete(fingerprint);
    this.#owners.set(fingerprint, owner);
    forgetOldest(this.#owners, this.#options.maxCachedKeys);
  }

  /** Whoever has one key under two ids could be either of them: refused by default, as far as it is noticed. */
  async #assertOwn(clientId: string, { fingerprint }: PublicKey): Promise<void> {
    if (this.#options.serverKeys.includes(fingerprint)) {
      throw entryError("the client's key is the server's own");
    }
    const owner = this.#owners.get(fingerprint);
    if (owner === undefined || owner === clientId) return;
    const other = await this.#entry(owner);
    const theirs = other === undefined ? undefined : await this.#key(owner, other.publicKey);
    if (theirs?.fingerprint === fingerprint) throw sharedKeyError(owner);
    // The other one has another key by now.
    if (this.#owners.get(fingerprint) === owner) this.#owners.delete(fingerprint);
  }

  /** The key of this source; undefined for none, which takes as long. */
  async #key(
    clientId: string,
    given: PublicKey | PublicKeyInput | undefined,
  ): Promise<PublicKey | undefined> {
    const ready = isImported(given) ? given : undefined;
    const source = isImported(given) ? undefined : ownCopy(given);
    if (source === undefined && !this.#options.importsAtHellos) return ready;
    const cached = this.#cached.get(clientId);
    this.#cached.delete(clientId);
    const key =
      cached !== undefined && isSame(cached.source, source) ? cached.key : await this.#import(source);
    this.#cached.set(clientId, { source, key });
    forgetOldest(this.#cached, this.#options.maxCachedKeys);
    if (key instanceof ServerError) throw key;
    return key ?? ready;
  }

  async #import(source: PublicKeyInput | undefined): Promise<Cached['key']> {
    try {
      const key = await this.#crypto.importPublicKey(source ?? this.#standIn);
      if (source === undefined) return undefined;
      this.#standIn = source;
      return key;
    } catch (cause) {
      if (source === undefined) return undefined;
      return entryError("the client's public key cannot be used: see the cause", cause);
    }
  }
}

/** Whoever writes another key over the bytes that were given, be it while they are imported, gives another key. */
function ownCopy(given: PublicKeyInput | null | undefined): PublicKeyInput | undefined {
  return given instanceof Uint8Array ? Uint8Array.from(given) : (given ?? undefined);
}

function isImported(given: PublicKey | PublicKeyInput | undefined): given is PublicKey {
  return typeof given === 'object' && given !== null && 'verify' in given;
}

/** By their bytes: a function may read the same file for each call. */
function isSame(a: PublicKeyInput | undefined, b: PublicKeyInput | undefined): boolean {
  return a instanceof Uint8Array && b instanceof Uint8Array ? Buffer.compare(a, b) === 0 : a === b;
}

export function sharedKeyError(other: string): ServerError {
  return entryError(`the client's key is also that of "${other}": give each its own, or set allowKeySharing`);
}

function entryError(message: string, cause?: unknown): ServerError {
  return new ServerError('E_CLIENT_ENTRY', message, cause === undefined ? undefined : { cause });
}
