import { createHash } from 'node:crypto';
import { type ClientChange, type ClientState, memoryClientState, type SavedClient } from '@sealwire/store';

/** A call, with everything it depends on in it. */
export type Call =
  | { readonly kind: 'append'; readonly from: bigint; readonly sizes: readonly number[] }
  | { readonly kind: 'trim'; readonly upTo: bigint }
  | { readonly kind: 'save'; readonly change: ClientChange };

export function perform(state: ClientState, call: Call): Promise<void> {
  if (call.kind === 'trim') return state.trim(call.upTo);
  if (call.kind === 'save') return state.save(call.change);
  return state.append(
    call.sizes.map((size, i) => {
      const index = call.from + BigInt(i);
      return { index, json: new Uint8Array(size).fill(Number(index % 251n) + 1) };
    }),
  );
}

/** Equal for equal states. */
export function fingerprint({ outbox, pin, ...fields }: SavedClient): string {
  const hash = createHash('sha256');
  for (const { index, json } of outbox) hash.update(`${index} ${json.length} `).update(json);
  const numbers = Object.entries(fields).sort();
  return `${numbers} ${pin && Buffer.from(pin).toString('hex')} ${hash.digest('hex')}`;
}

/** What was called for, what of it was confirmed, and so what a restart may find: the state after one of the calls. */
export class History {
  readonly #bounds: { readonly maxOutboxEntries: number };
  readonly #calls: Call[] = [];
  /** After each of the calls from `#found` on. */
  #prints: string[] = [];
  /** So many calls are known to be in the state that was found last. */
  #found = 0;
  #confirmed = 0;
  #model;

  constructor(bounds: { readonly maxOutboxEntries: number }) {
    this.#bounds = bounds;
    this.#model = memoryClientState(bounds);
  }

  /** The state as it is after all calls. */
  model(): Promise<SavedClient> {
    return this.#model.load();
  }

  /** Gives the code of a refusal by the contract; such a call is no part of the history. */
  async call(call: Call): Promise<string | undefined> {
    if (this.#prints.length === 0) this.#prints.push(await this.#print());
    try {
      await perform(this.#model, call);
    } catch (error) {
      return codeOf(error);
    }
    this.#calls.push(call);
    this.#prints.push(await this.#print());
    return undefined;
  }

  get length(): number {
    return this.#calls.length;
  }

  /** The promise of the call with this number, from 1, resolved. */
  confirm(number: number): void {
    this.#confirmed = Math.max(this.#confirmed, number);
  }

  /** Takes what a restart has found for what is true, and durable, from now on. Throws if it may not be so. */
  async found(saved: SavedClient): Promise<void> {
    if (this.#prints.length === 0) this.#prints.push(await this.#print());
    const at = this.#found + this.#prints.lastIndexOf(fingerprint(saved));
    if (at < Math.max(this.#confirmed, this.#found)) {
      const { nextIndex, savedOrder, outbox } = saved;
      throw new Error(
        `found ${at < this.#found ? 'no state of this history' : `the state after ${at} calls`}, ` +
          `${this.#confirmed} of ${this.length} confirmed: ` +
          `nextIndex ${nextIndex}, savedOrder ${savedOrder}, ${outbox.length} in the outbox`,
      );
    }
    this.#calls.length = at;
    this.#found = at;
    this.#confirmed = at;
    this.#model = memoryClientState(this.#bounds);
    for (const call of this.#calls) await perform(this.#model, call);
    this.#prints = [await this.#print()];
  }

  async #print(): Promise<string> {
    return fingerprint(await this.#model.load());
  }
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
