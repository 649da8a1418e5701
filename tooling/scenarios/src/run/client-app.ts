import type { Client, ConnectionState, Message, Outcome, Sent } from '@sealwire/client';
import { Watch } from '../wire/watch.js';

/** What a promise of the client came to. */
export type Settled =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: unknown };

/** What the application does with a message that it gets. */
export type HandlerAct =
  | 'throw'
  | 'hang'
  | { readonly gate: string }
  | { readonly act: (app: ClientApp, client: Client) => void };

/** The application of the client under test: what it was told, and promises by the names that the script gave them. */
export class ClientApp {
  readonly watch = new Watch();
  readonly received: Message[] = [];
  readonly states: ConnectionState[] = [];
  readonly #settled = new Map<string, Settled | undefined>();
  readonly #acts = new Map<bigint | undefined, HandlerAct>();
  readonly #gates = new Map<string, () => void>();
  readonly #open = new Set<string>();
  /** States before it have been looked at. */
  #looked = 0;
  client: Client | undefined;

  /** Keeps what becomes of `promise`; nothing that fails stays unhandled. */
  follow(name: string, promise: Promise<unknown>): void {
    this.#settled.set(name, undefined);
    const settle = (settled: Settled) => {
      this.#settled.set(name, settled);
      this.watch.changed();
    };
    promise.then(
      (value) => settle({ ok: true, value }),
      (error: unknown) => settle({ ok: false, error }),
    );
  }

  /** A message has two promises: its hand-over, and its outcome. */
  followSend(name: string, promise: Promise<Sent>): void {
    this.follow(name, promise);
    this.follow(
      outcomeOf(name),
      promise.then((sent): Promise<Outcome> => sent.outcome),
    );
  }

  async settled(name: string, within: number): Promise<Settled | undefined> {
    return this.watch.until(within, () => this.#settled.get(name));
  }

  get hanging(): readonly string[] {
    return [...this.#settled].filter(([, settled]) => settled === undefined).map(([name]) => name);
  }

  decide(order: bigint | undefined, act: HandlerAct): void {
    this.#acts.set(order, act);
  }

  release(gate: string): void {
    this.#open.add(gate);
    this.#gates.get(gate)?.();
  }

  readonly onMessage = async (message: Message): Promise<void> => {
    this.received.push(message);
    this.watch.changed();
    const act = this.#acts.get(message.order) ?? this.#acts.get(undefined);
    if (act === undefined) return;
    if (act === 'throw') throw new Error('the script says so');
    if (act === 'hang') return new Promise(() => {});
    if ('act' in act) {
      if (this.client !== undefined) act.act(this, this.client);
    } else if (!this.#open.has(act.gate)) {
      await new Promise<void>((resolve) => this.#gates.set(act.gate, resolve));
    }
  };

  readonly onState = (state: ConnectionState): void => {
    this.states.push(state);
    this.watch.changed();
  };

  /** Waits for a state that fits among those that were not passed over. */
  async state(within: number, fits: (state: ConnectionState) => boolean): Promise<boolean> {
    const found = await this.watch.until(within, () => {
      const index = this.states.findIndex((state, at) => at >= this.#looked && fits(state));
      return index === -1 ? undefined : index + 1;
    });
    this.#looked = found ?? this.#looked;
    return found !== undefined;
  }
}

export function outcomeOf(name: string): string {
  return `${name} (outcome)`;
}
