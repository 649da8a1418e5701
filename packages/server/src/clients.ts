import type { Claim, ServerStore } from '@sealwire/store';
import { ServerError } from './errors.js';

/** A proved connection of a client, as its rivals see it. */
export interface Rival {
  /** Grows from welcome to welcome of this server. */
  readonly welcome: number;
  /** The client has connected anew. */
  replaced(): void;
}

/** A session that has ended while its handlers may still run. */
export interface Lingering {
  /** Resolves when none of them runs and what they did is flushed, or failed to be. */
  settled(): Promise<void>;
  abort(reason: Error): void;
}

/** A client that has connections or a running handler. */
export interface Client {
  rivals: readonly Rival[];
  lingering: readonly Lingering[];
  /** Resolves when what the running message handler did, of whichever session, is staged or lost, or its time is over. */
  busy: Promise<unknown> | undefined;
  /** Requests in work, those of sessions that have ended as well. */
  running: number;
  /** Of the newest session: they may wait for others to end. */
  requests: { wake(): void } | undefined;
  /** The newest epoch that this node was given for it, once the claims before are settled. */
  claimed: Promise<bigint>;
}

/** Decides between connections of the same client: of those that have signed, the newest welcome wins. */
export class Clients {
  readonly #clients = new Map<string, Client>();

  get size(): number {
    return this.#clients.size;
  }

  has(clientId: string): boolean {
    return this.#clients.has(clientId);
  }

  /** A proved connection wants the session. False where a newer one has it. */
  enter(clientId: string, rival: Rival): Client | undefined {
    const client = this.#clients.get(clientId) ?? {
      rivals: [],
      lingering: [],
      busy: undefined,
      running: 0,
      requests: undefined,
      claimed: Promise.resolve(0n),
    };
    if (isBeaten(client, rival)) return undefined;
    this.#clients.set(clientId, client);
    // With room for no more: nearly all clients have one, and an idle one is to cost little.
    client.rivals = client.rivals.concat(rival);
    return client;
  }

  /**
   * Takes the session over from older welcomes of this node, and from whoever had it when this one was welcomed. One
   * that another node let in since has signed a newer challenge: the proof of a process that is gone may come late.
   *
   * @param seen the epoch at the welcome
   * @throws StoreError (as a rejection) `E_FENCED` where another node was faster
   */
  claim(store: ServerStore, clientId: string, client: Client, seen: bigint): Promise<Claim> {
    const before = client.claimed;
    const claim = before.then((own) => store.claim(clientId, own > seen ? own : seen));
    client.claimed = claim.then(
      ({ epoch }) => epoch,
      () => before,
    );
    return claim;
  }

  /** The store has fenced the older ones: they are told. False where this one has been beaten meanwhile. */
  take(client: Client, rival: Rival): boolean {
    if (isBeaten(client, rival)) return false;
    for (const other of client.rivals) if (other !== rival) other.replaced();
    for (const session of client.lingering) session.abort(replacedError());
    return true;
  }

  /** Where the client connects anew, the handlers of this session are told that nothing of theirs is kept. */
  linger(clientId: string, client: Client, session: Lingering): void {
    client.lingering = [...client.lingering, session];
    void session.settled().then(() => {
      client.lingering = client.lingering.filter((other) => other !== session);
      this.#forget(clientId);
    });
  }

  /** Resolves when no handler runs whose session has ended. */
  async settled(): Promise<void> {
    const lingering = [...this.#clients.values()].flatMap((client) => client.lingering);
    await Promise.all(lingering.map((session) => session.settled()));
  }

  leave(clientId: string, rival: Rival): void {
    const client = this.#clients.get(clientId);
    if (client === undefined) return;
    client.rivals = client.rivals.filter((other) => other !== rival);
    this.#forget(clientId);
  }

  /** Notes that a message of this client is in work until `handled` resolves. */
  occupy(clientId: string, client: Client, handled: Promise<unknown>): void {
    client.busy = handled;
    void handled.then(() => {
      if (client.busy === handled) client.busy = undefined;
      this.#forget(clientId);
    });
  }

  #forget(clientId: string): void {
    const client = this.#clients.get(clientId);
    if (client === undefined || client.busy !== undefined) return;
    if (client.rivals.length === 0 && client.lingering.length === 0) this.#clients.delete(clientId);
  }
}

export function replacedError(): ServerError {
  return new ServerError('E_REPLACED', 'the client connected again; the newer session stays');
}

function isBeaten(client: Client, rival: Rival): boolean {
  return client.rivals.some((other) => other.welcome > rival.welcome);
}
