import type { Link, LinkClose, LinkEvents } from '../link.js';
import { assert, until } from './assert.js';

/** Starts a link and remembers what it tells. */
export class Recorder implements LinkEvents {
  readonly received: Uint8Array[] = [];
  readonly closes: LinkClose[] = [];
  texts = 0;
  drains = 0;
  pongs = 0;
  bytes = 0;
  /** What a caller runs inside a call to the link, to see that no event comes from there. */
  #calling = false;
  readonly violations: string[] = [];

  constructor(link: Link) {
    this.inside(() => link.start(this));
  }

  inside(call: () => void): void {
    this.#calling = true;
    call();
    this.#calling = false;
  }

  frames(frames: readonly Uint8Array[]): void {
    this.#check('frames');
    if (frames.length === 0) this.violations.push('an empty list of frames was delivered');
    for (const frame of frames) {
      this.received.push(frame);
      this.bytes += frame.length;
    }
  }

  text(): void {
    this.#check('text');
    this.texts++;
  }

  drain(): void {
    this.#check('drain');
    this.drains++;
  }

  pong(): void {
    this.#check('pong');
    this.pongs++;
  }

  close(close: LinkClose): void {
    this.#check('close');
    this.closes.push(close);
  }

  async count(frames: number): Promise<readonly Uint8Array[]> {
    await until(() => this.received.length >= frames || this.closes.length > 0, `${frames} frames`);
    this.#assertNoViolation();
    assert(this.received.length === frames, `${this.received.length} frames came instead of ${frames}`);
    return this.received;
  }

  /** @param patience milliseconds that it may take */
  async closed(patience?: number): Promise<LinkClose> {
    await until(() => this.closes.length > 0, 'the close event', patience);
    this.#assertNoViolation();
    const [close] = this.closes;
    assert(close !== undefined, 'no close event');
    return close;
  }

  #check(event: string): void {
    if (this.#calling) this.violations.push(`${event} was delivered from inside a call to the link`);
    if (this.closes.length > 0) this.violations.push(`${event} was delivered after close`);
  }

  #assertNoViolation(): void {
    assert(this.violations.length === 0, this.violations.join('; '));
  }
}
