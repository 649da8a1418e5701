import type { Clock } from '@sealwire/session';
import type { Link } from '@sealwire/transport';

/** Notices a link that drains nothing, though more may be sent into it meanwhile, and a peer that answers no ping. */
export class StallWatch {
  readonly #link: Pick<Link, 'bufferedBytes' | 'send'>;
  readonly #clock: Clock;
  #level = 0;
  #progressAt = 0;
  /** Since when a pong is owed, or the last one came. */
  #owedSince: number | undefined;

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
    if (!waited && this.#level > 0) this.#progress();
  }

  /** The peer has shown that it took something: the link itself may see bytes leave a megabyte at a time. */
  ponged(): void {
    this.#progress();
    this.#owedSince = undefined;
  }

  /**
   * Milliseconds in which not one byte drained although there were some, or no pong came although one was owed.
   *
   * @param owed nothing more is sent before a ping is answered; to be asked often, because time before is not counted
   */
  stalledFor(owed: boolean): number {
    const now = this.#clock.now();
    if (owed) this.#owedSince ??= now;
    else this.#owedSince = undefined;
    if (this.#level > 0) this.#look();
    const undrained = this.#level > 0 ? now - this.#progressAt : 0;
    return Math.max(undrained, now - (this.#owedSince ?? now));
  }

  #progress(): void {
    this.#progressAt = this.#clock.now();
  }

  #look(): void {
    const level = this.#link.bufferedBytes;
    if (level === 0 || level < this.#level) this.#progress();
    this.#level = level;
  }
}
