/** Counts the links that have not proved who they are. */
export class Admission {
  readonly #maxInAll: number;
  readonly #maxPerAddress: number;
  readonly #perAddress = new Map<string, number>();
  #inAll = 0;

  constructor(limits: { readonly maxHandshakes: number; readonly maxHandshakesPerAddress: number }) {
    this.#maxInAll = limits.maxHandshakes;
    this.#maxPerAddress = limits.maxHandshakesPerAddress;
  }

  /**
   * Lets a link in. Here is the place where an address that failed too often would be turned away too.
   *
   * @returns the way to leave, harmless when called twice; or the name of the limit that is reached
   */
  enter(remoteAddress: string | undefined): (() => void) | 'maxHandshakes' | 'maxHandshakesPerAddress' {
    const address = networkOf(remoteAddress ?? '');
    const count = this.#perAddress.get(address) ?? 0;
    if (this.#inAll >= this.#maxInAll) return 'maxHandshakes';
    if (count >= this.#maxPerAddress) return 'maxHandshakesPerAddress';
    this.#inAll += 1;
    this.#perAddress.set(address, count + 1);
    let inside = true;
    return () => {
      if (!inside) return;
      inside = false;
      this.#inAll -= 1;
      const left = (this.#perAddress.get(address) ?? 1) - 1;
      if (left === 0) this.#perAddress.delete(address);
      else this.#perAddress.set(address, left);
    };
  }
}

/** One household owns a whole /64 of IPv6 addresses, so the network counts, not the address. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.replace(/%.*$/, '').split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...right];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}

/** Bounds how many tasks run at one time and how many wait for their turn. */
export class Gate {
  readonly #maxRunning: number;
  readonly #maxWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(maxRunning: number, maxWaiting: number) {
    this.#maxRunning = maxRunning;
    this.#maxWaiting = maxWaiting;
  }

  get full(): boolean {
    return this.#running >= this.#maxRunning && this.#waiting.length >= this.#maxWaiting;
  }

  /** Runs `task` when it is its turn; check `full` before. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running < this.#maxRunning) this.#running += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await task();
    } finally {
      // The place goes to the next one without becoming free in between.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
