import { CryptoError } from './errors.js';
import type { ExternalKeyOptions } from './types.js';

const DEFAULTS = { maxOperations: 4, maxWaiting: 1024 };
/** Of both options: more would not be a bound. */
const LARGEST = 65_536;

/** Lets so many operations run at once; so many more wait for their turn, in order. */
export class OperationGate {
  readonly #maxOperations: number;
  readonly #maxWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(options: ExternalKeyOptions) {
    if (typeof options !== 'object' || options === null) {
      throw new CryptoError('E_ARGUMENT', 'The options of an external key are an object.');
    }
    for (const name of Object.keys(options)) {
      if (!Object.hasOwn(DEFAULTS, name)) {
        throw new CryptoError('E_ARGUMENT', `${name} is no option of an external key.`);
      }
    }
    this.#maxOperations = count('maxOperations', options.maxOperations, 1);
    this.#maxWaiting = count('maxWaiting', options.maxWaiting, 0);
  }

  /** Rejects with `E_BUSY`, and does not start the work, if as many as may wait are waiting. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.#enter();
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }

  #enter(): Promise<void> | undefined {
    if (this.#running < this.#maxOperations) {
      this.#running++;
      return undefined;
    }
    if (this.#waiting.length >= this.#maxWaiting) {
      throw new CryptoError(
        'E_BUSY',
        `${this.#running} operations of the external key are running and ${this.#waiting.length} wait (maxOperations, maxWaiting). Ask for less at a time.`,
      );
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

function count(name: 'maxOperations' | 'maxWaiting', value: number | undefined, least: number): number {
  const chosen = value ?? DEFAULTS[name];
  if (!Number.isInteger(chosen) || chosen < least || chosen > LARGEST) {
    throw new CryptoError('E_ARGUMENT', `${name} is a whole number from ${least} to ${LARGEST}.`);
  }
  return chosen;
}
