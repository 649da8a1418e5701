const SMALLEST = 4;

/** A queue in a ring whose size is a power of two: push, shift and access by index without moving the others. */
export class Deque<T> {
  #ring: (T | undefined)[] = new Array(SMALLEST);
  #first = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: T): void {
    if (this.#length === this.#ring.length) this.#resize(this.#length * 2);
    this.#ring[(this.#first + this.#length) & (this.#ring.length - 1)] = item;
    this.#length += 1;
  }

  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#ring[this.#first];
    this.#ring[this.#first] = undefined;
    this.#first = (this.#first + 1) & (this.#ring.length - 1);
    this.#length -= 1;
    // A quarter, not a half, so that a queue that swings around a power of two is not copied each time.
    if (this.#ring.length > SMALLEST && this.#length * 4 <= this.#ring.length) {
      this.#resize(this.#ring.length / 2);
    }
    return item;
  }

  /** undefined outside of 0 to length - 1. */
  at(index: number): T | undefined {
    if (index < 0 || index >= this.#length) return undefined;
    return this.#ring[(this.#first + index) & (this.#ring.length - 1)];
  }

  /** The first index whose item is accepted; `accept` must be false up to some index and true from there on. */
  search(accept: (item: T) => boolean): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (accept(this.at(middle) as T)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  slice(start: number, end: number = this.#length): T[] {
    const items: T[] = [];
    for (let i = start; i < end; i++) items.push(this.at(i) as T);
    return items;
  }

  #resize(size: number): void {
    const ring = new Array<T | undefined>(size);
    for (let i = 0; i < this.#length; i++) {
      ring[i] = this.#ring[(this.#first + i) & (this.#ring.length - 1)];
    }
    this.#ring = ring;
    this.#first = 0;
  }
}
