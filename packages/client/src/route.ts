import type { PublicKey } from '@sealwire/crypto';
import type { Dialer, Link } from '@sealwire/transport';
import { ClientError } from './errors.js';
import type { Memory } from './memory.js';
import type { ConnectionSettings } from './options.js';
import type { AttemptEnd } from './reconnect.js';

/** The way to the server that is tried next, where there are several dialers or keys. */
export class Route {
  readonly #settings: ConnectionSettings;
  readonly #memory: Pick<Memory, 'vouched'>;
  /** Were a dialer's links such that nobody on the way can write on them? Its dials end on the same way. */
  readonly #protected = new Map<Dialer, boolean>();
  #dialing = new AbortController();
  #dialer = 0;
  #key = 0;

  constructor(settings: ConnectionSettings, memory: Pick<Memory, 'vouched'>) {
    this.#settings = settings;
    this.#memory = memory;
  }

  get serverKey(): PublicKey {
    return inTurn(this.#settings.serverKeys, this.#key);
  }

  /**
   * May the end of this dial be believed? Where the dialer never had a link, an error that nobody on the way can have made
   * is believed too, as long as `connect` waits: somebody is there to be told.
   */
  believes(error: unknown, first: boolean): boolean {
    const { vouched } = this.#memory;
    const links = this.#protected.get(this.#dial);
    if (links !== undefined) return links || vouched;
    const forgeable = error instanceof Error && 'forgeable' in error && error.forgeable === true;
    return first && (vouched || !forgeable);
  }

  /** The dial gave a link. */
  opened(isProtected: boolean): void {
    this.#protected.set(this.#dial, isProtected);
  }

  /** Opens a link, or rejects when the time is up or `abort` is called, even if the dialer ignores both. */
  dial(): Promise<Link> {
    const { dialTimeout, scheduler } = this.#settings;
    const dialing = new AbortController();
    this.#dialing = dialing;
    const dial = this.#dial;
    return new Promise<Link>((resolve, reject) => {
      const cancel = scheduler.after(dialTimeout, () =>
        dialing.abort(new ClientError('E_TIMEOUT', `no link was open within ${dialTimeout} ms`)),
      );
      dialing.signal.addEventListener('abort', () => {
        cancel();
        reject(dialing.signal.reason);
      });
      start(dial, dialing.signal).then(
        (link) => {
          cancel();
          // Too late: nobody waits for it any more.
          if (dialing.signal.aborted) link.terminate();
          else resolve(link);
        },
        (error) => {
          cancel();
          reject(error);
        },
      );
    });
  }

  abort(): void {
    this.#dialing.abort(new ClientError('E_ABORTED', 'the dial was called off'));
  }

  /** Chooses the way after an attempt that ended in this phase. */
  turn(phase: AttemptEnd['phase']): void {
    if (phase !== 'live') this.#dialer += 1;
    if (phase === 'handshake') this.#key += 1;
  }

  get #dial(): Dialer {
    return inTurn(this.#settings.dialers, this.#dialer);
  }
}

/** What a dialer throws at once is a rejection too. */
async function start(dial: Dialer, signal: AbortSignal): Promise<Link> {
  return dial({ signal });
}

/** The options have seen to it that the list is not empty. */
function inTurn<T>(list: readonly T[], turn: number): T {
  return list[turn % list.length] as T;
}
