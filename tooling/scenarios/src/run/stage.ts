import type { Late, Value, Variables } from '../language/words.js';
import { fairNow, worldNow } from '../wire/fair-clock.js';
import type { Peer } from '../wire/peer.js';
import type { Layout } from '../wire/protocol.js';
import { describe, type Seen } from '../wire/seen.js';
import type { Part } from './common-bytes.js';
import type { Window } from './deadline.js';
import type { Expectation } from './expectation.js';

/** A scenario whose facts differ from what it says. */
export class Mismatch extends Error {
  override readonly name = 'Mismatch';
}

/** What comes at times of its own and means nothing where nobody waits for it. */
const noise: ReadonlySet<Seen['kind']> = new Set(['heartbeat', 'ping', 'pong']);

/** One run of a scenario: its connections and variables. */
export abstract class Stage<P extends Part> {
  readonly layout: Layout;
  readonly peers = new Map<string, Peer<P>>();
  readonly #variables = new Map<string, Value>();

  constructor(layout: Layout) {
    this.layout = layout;
  }

  get variables(): Variables {
    return this.#variables;
  }

  set(name: string, value: Value): void {
    this.#variables.set(name, value);
  }

  peer(name: string): Peer<P> {
    const peer = this.peers.get(name);
    if (peer === undefined)
      throw new Mismatch(name === '' ? 'there is no connection yet' : `there is no connection ${name}`);
    return peer;
  }

  async expect(name: string, expected: Expectation, { within, after }: Window): Promise<void> {
    const peer = this.peer(name);
    const earliest = after === 0 ? 0 : peer.lastActAt + after;
    const deadline = fairNow() + within;
    for (;;) {
      const seen = await peer.next(deadline);
      if (seen === undefined) throw new Mismatch(`nothing of the kind came within ${within} ms`);
      if (noise.has(seen.kind) && !expected.kinds.includes(seen.kind)) continue;
      if (!expected.matches(seen, this.variables)) throw new Mismatch(`came instead: ${describe(seen)}`);
      if (seen.at < earliest) throw new Mismatch(`it came ${Math.round(earliest - seen.at)} ms too early`);
      if (expected.as !== undefined && 'number' in seen) this.set(expected.as, seen.number);
      return;
    }
  }

  /** Nothing but noise comes for so long. */
  async silence(name: string, duration: number, strict: boolean): Promise<void> {
    const peer = this.peer(name);
    const end = worldNow() + duration;
    const next = () => peer.nextWithin(end - worldNow());
    for (let seen = await next(); seen !== undefined; seen = await next()) {
      if (strict || !noise.has(seen.kind)) throw new Mismatch(`came instead: ${describe(seen)}`);
    }
  }

  number(late: Late<bigint>): bigint {
    return late(this.variables);
  }

  /** Everything that was not looked at and should not have come. */
  async finish(): Promise<void> {
    for (const [name, peer] of this.peers) {
      const label = name === '' ? '' : `${name}: `;
      for (const line of peer.leftover(noise))
        throw new Mismatch(`${label}at the end there was more: ${line}`);
    }
  }

  abstract start(): Promise<void>;

  /** Whatever happened. */
  abstract dispose(): Promise<void>;
}
