import type { Cancel } from '@sealwire/transport';

interface Event {
  at: number;
  number: number;
  run: (() => void) | undefined;
}

/** The one time line of a world. Events of the same time run in the order of their making. */
export class SimClock {
  readonly #heap: Event[] = [];
  #now = 0;
  #made = 0;
  #wall = 1_700_000_000;
  #waiting = 0;

  get now(): number {
    return this.#now;
  }

  /** Seconds since 1970; may be made to jump. */
  get wallSeconds(): number {
    return this.#wall + this.#now / 1000;
  }

  /** Events that wait and were not cancelled. */
  get waiting(): number {
    return this.#waiting;
  }

  jumpWall(seconds: number): void {
    this.#wall += seconds;
  }

  after(ms: number, run: () => void): Cancel {
    const event: Event = { at: this.#now + Math.max(0, ms), number: this.#made++, run };
    this.#waiting += 1;
    this.#push(event);
    return () => {
      if (event.run === undefined) return;
      event.run = undefined;
      this.#waiting -= 1;
    };
  }

  /** Moves to the next event and runs it; false if there is none up to `end`. */
  step(end: number): boolean {
    for (let next = this.#heap[0]; next !== undefined && next.at <= end; next = this.#heap[0]) {
      this.#pop();
      const { run } = next;
      if (run === undefined) continue;
      next.run = undefined;
      this.#waiting -= 1;
      this.#now = next.at;
      run();
      return true;
    }
    return false;
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(event);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] as Event;
      if (!before(event, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right !== undefined && before(right, heap[child] as Event)) child += 1;
      const below = heap[child] as Event;
      if (!before(below, last)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
  }
}

function before(one: Event, other: Event): boolean {
  return one.at < other.at || (one.at === other.at && one.number < other.number);
}
