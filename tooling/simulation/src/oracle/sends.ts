import type { SavedClient } from '@sealwire/store';
import type { Effects } from './effects.js';
import type { Journal } from './journal.js';

/** What the application of one client was told of its messages: I1, I3 and I7. */
export class Sends {
  readonly #clientId: string;
  readonly #journal: Journal;
  readonly #effects: Effects;
  readonly #saved: () => SavedClient;
  readonly #sequences = new Map<bigint, number>();
  /** Handed over, by number of the message. */
  readonly #promised = new Map<number, bigint>();
  #lastSeenSequence = -1n;

  /** @param saved what the client's disk has */
  constructor(clientId: string, journal: Journal, effects: Effects, saved: () => SavedClient) {
    this.#clientId = clientId;
    this.#journal = journal;
    this.#effects = effects;
    this.#saved = saved;
  }

  /** `send` resolved. */
  handedOver(n: number, sequence: bigint): void {
    this.#journal.note(`${this.#clientId}: message ${n} handed over as SEQUENCE ${sequence}`);
    const other = this.#sequences.get(sequence);
    if (other !== undefined && other !== n) {
      this.#wrong('I2', `messages ${other} and ${n} both had SEQUENCE ${sequence}`);
    }
    this.#sequences.set(sequence, n);
    this.#promised.set(n, sequence);
    const fate = this.#effects.of(this.#clientId).fates.get(n);
    if (fate !== undefined) {
      if (fate.sequence !== sequence) this.#wrong('I2', `message ${n} was handled as SEQUENCE ${fate.sequence}`);
      return;
    }
    const { outbox, sequenceOffset } = this.#saved();
    if (sequenceOffset === undefined || !outbox.some(({ index }) => index + sequenceOffset === sequence)) {
      this.#wrong('I3', `message ${n} was handed over as SEQUENCE ${sequence} and is not on the disk`);
    }
  }

  /** An outcome came. */
  settled(n: number, sequence: bigint, kind: 'accepted' | 'refused' | 'consumed'): void {
    this.#journal.note(`${this.#clientId}: message ${n} ${kind}`);
    const fate = this.#effects.of(this.#clientId).fates.get(n);
    if (fate === undefined) return this.#wrong('I3', `message ${n} was called ${kind} and is not on the server's disk`);
    if (fate.sequence !== sequence) this.#wrong('I2', `message ${n} was handled as SEQUENCE ${fate.sequence}`);
    if (kind !== 'consumed' && kind !== fate.kind) {
      this.#wrong('I1', `message ${n} was called ${kind}, and is ${fate.kind}`);
    }
  }

  /** A session is live. */
  live(lastSeenSequence: bigint): void {
    this.#journal.note(`${this.#clientId}: live, LAST SEEN SEQUENCE ${lastSeenSequence}`);
    if (lastSeenSequence < this.#lastSeenSequence) {
      this.#wrong('I5', `LAST SEEN SEQUENCE ${lastSeenSequence} came after ${this.#lastSeenSequence}`);
    }
    if (lastSeenSequence > this.#effects.of(this.#clientId).lastSequence) {
      this.#wrong('I3', `LAST SEEN SEQUENCE ${lastSeenSequence} is not on the server's disk`);
    }
    this.#lastSeenSequence = lastSeenSequence;
  }

  /** All has settled: what was handed over has been handled. */
  finish(): void {
    const { fates } = this.#effects.of(this.#clientId);
    for (const [n, sequence] of this.#promised) {
      if (fates.get(n)?.sequence !== sequence) this.#wrong('I3', `message ${n} was handed over and is lost`);
    }
  }

  #wrong(invariant: 'I1' | 'I2' | 'I3' | 'I5', words: string): void {
    this.#journal.violated(invariant, `${this.#clientId}: ${words}`);
  }
}
