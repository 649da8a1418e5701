import type { Commit } from '@sealwire/store';
import type { StoreJournal } from '@sealwire/testing';
import type { Journal } from './journal.js';

const utf8 = new TextDecoder();

/** What became of one message of a client, as the disk has it. */
export interface Fate {
  readonly sequence: bigint;
  readonly kind: 'accepted' | 'refused';
}

/** A message to a client, as the disk has it. */
export interface Published {
  readonly order: bigint;
  readonly id: string;
}

interface ClientLedger {
  /** When its last SEQUENCE was flushed. */
  keptAt: number;
  lastSequence: bigint;
  lastN: number;
  count: number;
  readonly fates: Map<number, Fate>;
  /** In ORDER. */
  readonly published: Published[];
  /** Where each ORDER is in it. */
  readonly places: Map<bigint, number>;
  readonly ids: Set<string>;
}

/** The truth about the server's side, read off its disk: I1, I2, I5 and I6 are checked with each commit. */
export class Effects implements StoreJournal {
  readonly #journal: Journal;
  readonly #clients = new Map<string, ClientLedger>();
  readonly #epochs = new Map<string, bigint>();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  of(clientId: string): ClientLedger {
    const known = this.#clients.get(clientId);
    if (known !== undefined) return known;
    const ledger: ClientLedger = {
      keptAt: Number.NEGATIVE_INFINITY,
      lastSequence: -1n,
      lastN: -1,
      count: 0,
      fates: new Map(),
      published: [],
      places: new Map(),
      ids: new Set(),
    };
    this.#clients.set(clientId, ledger);
    return ledger;
  }

  /** Is the message on the disk, under this ORDER? */
  holds(clientId: string, id: string, order = -1n): boolean {
    const { published, places } = this.of(clientId);
    const entry = published[places.get(order) ?? -1];
    return entry?.id === id;
  }

  claimed(clientId: string, epoch: bigint, durable: bigint): void {
    this.#journal.note(`store: ${clientId} claimed, epoch ${epoch}`);
    if (epoch <= durable) {
      this.#journal.violated('I6', `${clientId} was given epoch ${epoch} again`);
    }
  }

  staged({ session, sequence }: Commit, owner: bigint | undefined): void {
    if (session !== undefined && session.epoch !== owner) {
      this.#journal.violated(
        'I6',
        `${session.clientId} committed under epoch ${session.epoch}, the owner is ${owner}`,
      );
    }
    if (sequence !== undefined) this.#journal.note(`store: ${session?.clientId} staged SEQUENCE ${sequence}`);
  }

  kept(commit: Commit, orders: readonly bigint[]): void {
    const { session, sequence, publishes = [] } = commit;
    publishes.forEach(({ clientId, json }, index) => {
      this.#publish(clientId, json, orders[index] ?? 0n);
    });
    if (session === undefined) return;
    const { clientId, epoch } = session;
    if (epoch < (this.#epochs.get(clientId) ?? 0n)) {
      this.#journal.violated(
        'I6',
        `${clientId} kept a commit of epoch ${epoch} after one of a newer session`,
      );
    }
    this.#epochs.set(clientId, epoch);
    if (sequence !== undefined) this.#consume(this.of(clientId), clientId, sequence, commit);
  }

  /** A crash may take epochs with it that nobody used. */
  forgetEpochs(): void {
    this.#epochs.clear();
  }

  #consume(ledger: ClientLedger, clientId: string, sequence: bigint, commit: Commit): void {
    if (sequence !== ledger.lastSequence + 1n) {
      this.#journal.violated('I2', `${clientId}: SEQUENCE ${sequence} kept after ${ledger.lastSequence}`);
    }
    ledger.lastSequence = sequence;
    ledger.keptAt = this.#journal.now;
    const refused = commit.refusal !== undefined;
    const n = refused ? numberIn(commit.refusal) : this.#effectOf(clientId, commit);
    if (n === undefined) {
      this.#journal.violated('I1', `${clientId}: SEQUENCE ${sequence} was consumed without its effect`);
      return;
    }
    if (ledger.fates.has(n)) this.#journal.violated('I1', `${clientId}: message ${n} was handled twice`);
    if (n <= ledger.lastN)
      this.#journal.violated('I2', `${clientId}: message ${n} handled after ${ledger.lastN}`);
    ledger.lastN = n;
    ledger.fates.set(n, { sequence, kind: refused ? 'refused' : 'accepted' });
    this.#journal.note(
      `store: ${clientId} kept SEQUENCE ${sequence}, message ${n}${refused ? ' refused' : ''}`,
    );
    if (refused) {
      if ((commit.puts?.length ?? 0) + (commit.publishes?.length ?? 0) > 0) {
        this.#journal.violated('I1', `${clientId}: message ${n} was refused and has effects`);
      }
      return;
    }
    ledger.count += 1;
    const count = commit.puts?.find(({ key }) => key === `count/${clientId}`)?.value;
    const written = count == null ? Number.NaN : numberOf(count);
    if (written !== ledger.count) {
      this.#journal.violated(
        'I1',
        `${clientId}: the application counted ${written} effects, there are ${ledger.count}`,
      );
    }
  }

  #effectOf(clientId: string, commit: Commit): number | undefined {
    const prefix = `effect/${clientId}/`;
    const keys = (commit.puts ?? []).filter(({ key }) => key.startsWith(prefix));
    const promised = keys[0]?.value == null ? 0 : numberOf(keys[0].value);
    if (promised !== (commit.publishes?.length ?? 0)) {
      this.#journal.violated(
        'I1',
        `${clientId}: ${promised} messages were published, not all of them are kept`,
      );
    }
    return keys.length === 1 ? Number(keys[0]?.key.slice(prefix.length)) : undefined;
  }

  #publish(clientId: string, json: Uint8Array, order: bigint): void {
    const { published, places, ids } = this.of(clientId);
    const { id } = JSON.parse(utf8.decode(json)) as { readonly id: string };
    const before = published.at(-1)?.order ?? 0n;
    if (order <= before)
      this.#journal.violated('I5', `${clientId}: ORDER ${order} was given after ${before}`);
    if (ids.has(id)) this.#journal.violated('I1', `${id} was published twice to ${clientId}`);
    ids.add(id);
    places.set(order, published.length);
    published.push({ order, id });
    this.#journal.note(`store: ${clientId} has ${id} as ORDER ${order}`);
  }
}

/** Decimal digits; decoders of text take longer than all else that is done with them. */
function numberOf(digits: Uint8Array): number {
  let number = 0;
  for (const digit of digits) number = 10 * number + digit - 0x30;
  return number;
}

function numberIn(text: string | undefined): number | undefined {
  const digits = /(\d+)$/.exec(text ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}
