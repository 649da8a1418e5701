import type { JobResult } from '@sealwire/session';
import type { Pass } from './admission.js';
import type { FailedHandshakesLimit } from './failed-handshakes.js';
import { openHello } from './open-hello.js';
import type { Shared } from './shared.js';

export type HelloLimit = 'maxRsaQueue' | FailedHandshakesLimit;

/** Opens the hello of one link, with the server's key and when it is its turn. */
export class HelloRsa {
  readonly #shared: Shared;
  readonly #pass: Pass;
  readonly #turnAway: (limit: HelloLimit) => void;
  /** The server key that opened the hello. */
  #serverSpki: Uint8Array = new Uint8Array(0);
  #ended = false;

  /** @param turnAway called instead of opening a hello, where that limit is reached */
  constructor(shared: Shared, pass: Pass, turnAway: (limit: HelloLimit) => void) {
    this.#shared = shared;
    this.#pass = pass;
    this.#turnAway = turnAway;
  }

  get serverSpki(): Uint8Array {
    return this.#serverSpki;
  }

  /** What waits for its turn is not done any more. */
  end(): void {
    this.#ended = true;
  }

  async open(hello: Uint8Array): Promise<JobResult> {
    const { rsa, settings } = this.#shared;
    const { caller } = this.#pass;
    const limit = rsa.full(caller) ? 'maxRsaQueue' : this.#pass.exceeded();
    if (limit !== undefined) {
      this.#turnAway(limit);
      return undefined;
    }
    const opened = await rsa.run(caller, async () => {
      if (this.#ended) return undefined;
      this.#pass.charge();
      return openHello(settings.serverKeys, hello);
    });
    this.#serverSpki = opened?.serverSpki ?? this.#serverSpki;
    return opened?.plaintext;
  }
}
