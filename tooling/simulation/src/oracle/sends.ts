import type { OutboxEntry, SavedClient } from '@sealwire/store';
import type { Effects } from './effects.js';
import type { Journal } from './journal.js';

/** What the application of one client was told of its messages: I1, I3 and I7. */
export class Sends {
  readonly #clientId: string;
  readonly #journal: Journal;
  readonly #effects: Effects;
  readonly #saved: () => SavedClient;
  readonly #forgottenUpTo: () => bigint;
  readonly #sequences = new Map<bigint, number>();
  /** Handed over, by number of the message. */
  readonly #promised = new Map<number, bigint>();
  readonly #checkpoint: boolean;
  #lastSeenSequence = -1n;

  /**
   * @param checkpoint whether the server tells outcomes
   * @param saved what the client's disk has
   * @param forgottenUpTo the SEQUENCE of the last refusal that the store does not remember
   */
  constructor(
    clientId: string,
    journal: Journal,
    effects: Effects,
    checkpoint: boolean,
    saved: () => SavedClient,
    forgottenUpTo: () => bigint,
  ) {
    this.#clientId = clientId;
    this.#journal = journal;
    this.#effects = effects;
    this.#checkpoint = checkpoint;
    this.#saved = saved;
    this.#forgottenUpTo = forgottenUpTo;
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
      if (fate.sequence !== sequence)
        this.#wrong('I2', `message ${n} was handled as SEQUENCE ${fate.sequence}`);
      return;
    }
    const { outbox, sequenceOffset } = this.#saved();
    if (sequenceOffset === undefined || !holdsIndex(outbox, sequence - sequenceOffset)) {
      this.#wrong('I3', `message ${n} was handed over as SEQUENCE ${sequence} and is not on the disk`);
    }
  }

  /** An outcome came. `alone`: no other process used the client id. */
  settled(n: number, sequence: bigint, kind: 'accepted' | 'refused' | 'consumed', alone: boolean): void {
    this.#journal.note(`${this.#clientId}: message ${n} ${kind}`);
    const fate = this.#effects.of(this.#clientId).fates.get(n);
    if (fate === undefined)
      return this.#wrong('I3', `message ${n} was called ${kind} and is not on the server's disk`);
    if (fate.sequence !== sequence)
      this.#wrong('I2', `message ${n} was handled as SEQUENCE ${fate.sequence}`);
    // Without Checkpoint a client can only conclude from the ERROR of its own session which message was refused.
    const forgotten = kind === 'consumed' && sequence <= this.#forgottenUpTo();
    const certain = this.#checkpoint ? !forgotten : alone && kind !== 'consumed';
    if (certain && kind !== fate.kind) {
      this.#wrong('I1', `message ${n} was called ${kind}, and is ${fate.kind}`);
    }
  }

  /** A session is live. `newest`: its process owns the state, so that its welcome is not an old one. */
  live(lastSeenSequence: bigint, newest: boolean): void {
    this.#journal.note(`${this.#clientId}: live, LAST SEEN SEQUENCE ${lastSeenSequence}`);
    if (newest && lastSeenSequence < this.#lastSeenSequence) {
      this.#wrong('I5', `LAST SEEN SEQUENCE ${lastSeenSequence} came after ${this.#lastSeenSequence}`);
    }
    if (lastSeenSequence > this.#effects.of(this.#clientId).lastSequence) {
      this.#wrong('I3', `LAST SEEN SEQUENCE ${lastSeenSequence} is not on the server's disk`);
    }
    if (newest) this.#lastSeenSequence = lastSeenSequence;
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

/** The entries of an outbox have indices without a hole. */
function holdsIndex(outbox: readonly OutboxEntry[], index: bigint): boolean {
  const [first] = outbox;
  return first !== undefined && outbox[Number(index - first.index)]?.index === index;
}
