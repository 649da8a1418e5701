import { StoreError } from '@sealwire/store';
import type { SimClock } from '../world/clock.js';
import type { Random } from '../world/random.js';

/** One step that is staged: it becomes durable, or it is dropped. */
export interface Step {
  /** The step is on the disk; nobody has been told yet. */
  keep(): void;
  /** Its caller is told that it is durable. */
  tell(): void;
  /** It was not kept, nor was anything staged after it. */
  drop(error: StoreError): void;
}

/** What a disk takes at most for a flush, and for the news of it or a read. Milliseconds. */
export interface DiskPace {
  readonly flush: number;
  readonly tell: number;
}

/**
 * A line of steps behind a flush. What is staged while a flush runs goes with the next one. A flush may fail; a crash
 * keeps a random beginning of what the running flush was to write, and nothing after it.
 */
export class SimDisk {
  readonly #clock: SimClock;
  readonly #random: Random;
  readonly #rollBack: (crashed: boolean) => void;
  readonly #pace: DiskPace;
  #staged: Step[] = [];
  #flushing: Step[] | undefined;
  #telling: Step[] = [];
  #generation = 0;
  #slow = 1;
  #failures = 0;
  #full = false;

  /** @param rollBack the staged state is that of the disk again; after a crash nobody remembers what it was */
  constructor(clock: SimClock, random: Random, pace: DiskPace, rollBack: (crashed: boolean) => void) {
    this.#clock = clock;
    this.#random = random;
    this.#pace = pace;
    this.#rollBack = rollBack;
  }

  /** Does anything wait for its flush? */
  get idle(): boolean {
    return this.#flushing === undefined && this.#staged.length === 0 && this.#telling.length === 0;
  }

  stage(step: Step): void {
    this.#staged.push(step);
    this.#flush();
  }

  /** Each flush takes this many times as long. */
  slowDown(factor: number): void {
    this.#slow = factor;
  }

  /** The next flushes fail with E_IO. */
  failNext(count: number): void {
    this.#failures = count;
  }

  /** While full, each flush fails with E_DISK_FULL. */
  fill(full: boolean): void {
    this.#full = full;
  }

  repair(): void {
    this.#slow = 1;
    this.#failures = 0;
    this.#full = false;
  }

  /** The machine stops: nobody is told anything any more. */
  crash(): void {
    this.#generation += 1;
    const reached = this.#random.between(0, this.#flushing?.length ?? 0);
    for (const step of this.#flushing?.slice(0, reached) ?? []) step.keep();
    this.#flushing = undefined;
    this.#staged = [];
    this.#telling = [];
    this.#rollBack(true);
  }

  #flush(): void {
    if (this.#flushing !== undefined || this.#staged.length === 0) return;
    this.#flushing = this.#staged;
    this.#staged = [];
    const generation = this.#generation;
    this.#clock.after(this.#random.next() * this.#pace.flush * this.#slow, () => {
      if (generation === this.#generation) this.#flushed();
    });
  }

  #flushed(): void {
    const batch = this.#flushing ?? [];
    this.#flushing = undefined;
    if (this.#full || this.#failures > 0) {
      this.#failures = Math.max(0, this.#failures - 1);
      this.#fail(batch);
      return;
    }
    for (const step of batch) step.keep();
    this.#tell(batch);
    this.#flush();
  }

  #fail(batch: readonly Step[]): void {
    const error = this.#full
      ? new StoreError('E_DISK_FULL', 'the simulated disk is full')
      : new StoreError('E_IO', 'the simulated flush failed');
    const lost = [...batch, ...this.#staged];
    this.#staged = [];
    this.#rollBack(false);
    for (const step of lost) step.drop(error);
  }

  /** The news may come later than the flush; it keeps the order. */
  #tell(batch: readonly Step[]): void {
    this.#telling.push(...batch);
    const generation = this.#generation;
    const news = this.#random.chance(0.5) ? 0 : this.#random.next() * this.#pace.tell;
    this.#clock.after(news, () => {
      if (generation !== this.#generation) return;
      for (const step of this.#telling.splice(0, batch.length)) step.tell();
    });
  }
}
