import type { Clock } from '@sealwire/session';
import type { Link } from '@sealwire/transport';

/** Notices a link that drains nothing, though more may be sent into it meanwhile. */
export class StallWatch {
  readonly #link: Pick<Link, 'bufferedBytes' | 'send'>;
  readonly #clock: Clock;
  #level = 0;
  #progressAt = 0;

  constructor(link: Pick<Link, 'bufferedBytes' | 'send'>, clock: Clock) {
    this.#link = link;
    this.#clock = clock;
  }

  /** Sends, and tells what is added from what was drained before. */
  send(frames: readonly Uint8Array[]): void {
    const waited = this.#level > 0;
    if (waited) this.#look();
    this.#link.send(frames);
    this.#level = this.#link.bufferedBytes;
    if (!waited && this.#level > 0) this.progress();
  }

  /** The peer has shown that it took something: the link itself may see bytes leave a megabyte at a time. */
  progress(): void {
    this.#progressAt = this.#clock.now();
  }

  /** Milliseconds in which not one byte drained although there were some. */
  stalledFor(): number {
    if (this.#level === 0) return 0;
    this.#look();
    return this.#clock.now() - this.#progressAt;
  }

  #look(): void {
    const level = this.#link.bufferedBytes;
    if (level === 0 || level < this.#level) this.progress();
    this.#level = level;
  }
}
