import {
  type IncomingMessage,
  type IncomingRequest,
  Refused,
  RequestError,
  type ServerEvent,
  type Transaction,
} from '@sealwire/server';
import { Watch } from '../wire/watch.js';
import { sameJson } from './expectation.js';

/** What the application does with a message or request; of several, one after the other. */
export type AppAct =
  | { readonly kind: 'publish'; readonly payload: unknown; readonly to: readonly string[] | undefined }
  | { readonly kind: 'put'; readonly key: string; readonly value: string }
  | { readonly kind: 'refuse'; readonly reason: string; readonly code: number | undefined }
  | { readonly kind: 'answer'; readonly payload: unknown }
  | { readonly kind: 'fail'; readonly code: string; readonly message: string }
  | { readonly kind: 'wait'; readonly gate: string }
  | { readonly kind: 'throw' | 'hang' };

export interface Rule {
  readonly on: 'message' | 'request';
  /** SEQUENCE or REQUEST_ID; undefined for all. */
  readonly number: bigint | undefined;
  readonly from: string | undefined;
  readonly acts: readonly AppAct[];
}

/** Something that a handler finished. */
export interface Handled {
  readonly kind: 'message' | 'request';
  readonly clientId: string;
  readonly number: bigint;
  readonly json: string;
}

/** The application of the server under test, which does what the script says and keeps what it saw. */
export class ServerApp {
  readonly watch = new Watch();
  readonly handled: Handled[] = [];
  readonly events: ServerEvent[] = [];
  /** `client number` of all that handlers have begun. */
  readonly begun = new Set<string>();
  readonly #rules: Rule[] = [];
  readonly #open = new Set<string>();
  readonly #gates = new Map<string, () => void>();

  addRule(rule: Rule): void {
    this.#rules.unshift(rule);
  }

  release(gate: string): void {
    this.#open.add(gate);
    this.#gates.get(gate)?.();
  }

  readonly onEvent = (event: ServerEvent): void => {
    this.events.push(event);
    this.watch.changed();
  };

  readonly onMessage = async (message: IncomingMessage<unknown>, tx: Transaction): Promise<void> => {
    const { clientId, sequence, payload } = message;
    await this.#work('message', clientId, sequence, tx);
    this.#tell({ kind: 'message', clientId, number: sequence, json: JSON.stringify(payload) });
  };

  readonly onRequest = async (request: IncomingRequest<unknown>, tx: Transaction): Promise<unknown> => {
    const { clientId, requestId, payload } = request;
    const answer = await this.#work('request', clientId, requestId, tx);
    this.#tell({ kind: 'request', clientId, number: requestId, json: JSON.stringify(payload) });
    return answer === undefined ? payload : answer.payload;
  };

  /** Takes the oldest thing that was handled and not looked at. */
  async next(within: number): Promise<Handled | undefined> {
    return this.watch.until(within, () => this.handled.shift());
  }

  async #work(
    kind: Handled['kind'],
    clientId: string,
    number: bigint,
    tx: Transaction,
  ): Promise<{ readonly payload: unknown } | undefined> {
    this.begun.add(`${clientId} ${number}`);
    this.watch.changed();
    const rule = this.#rules.find(
      ({ on, number: only, from }) =>
        on === kind && (only === undefined || only === number) && (from === undefined || from === clientId),
    );
    let answer: { readonly payload: unknown } | undefined;
    for (const act of rule?.acts ?? []) {
      switch (act.kind) {
        case 'publish':
          tx.publishTo(act.to ?? [clientId], act.payload);
          break;
        case 'put':
          tx.put(act.key, new TextEncoder().encode(act.value));
          break;
        case 'answer':
          answer = { payload: act.payload };
          break;
        case 'refuse':
          throw new Refused(act.reason, act.code === undefined ? {} : { code: act.code });
        case 'fail':
          throw new RequestError(act.code, act.message);
        case 'throw':
          throw new Error('the script says so');
        case 'hang':
          await new Promise(() => {});
          break;
        case 'wait':
          await this.#gate(act.gate);
          break;
      }
    }
    return answer;
  }

  async #gate(gate: string): Promise<void> {
    if (this.#open.has(gate)) return;
    await new Promise<void>((resolve) => this.#gates.set(gate, resolve));
  }

  #tell(handled: Handled): void {
    this.handled.push(handled);
    this.watch.changed();
  }
}

export function isHandled(
  handled: Handled,
  wanted: Omit<Handled, 'json'> & { json: string | undefined },
): boolean {
  return (
    handled.kind === wanted.kind &&
    handled.clientId === wanted.clientId &&
    handled.number === wanted.number &&
    (wanted.json === undefined || sameJson(handled.json, wanted.json))
  );
}
