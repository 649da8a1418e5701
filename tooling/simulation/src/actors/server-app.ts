import { type IncomingMessage, type IncomingRequest, Refused, type Transaction } from '@sealwire/server';
import type { ServerStore } from '@sealwire/store';
import type { SimProcess } from '@sealwire/testing';
import type { Answer, Order, Question } from './payloads.js';

const utf8 = new TextDecoder();

/** What outlasts the processes of the application's servers, and is only there to steer and to watch. */
export interface Outside {
  /** How often the handler has failed at a message, or was slow. */
  readonly failures: Map<string, number>;
  /** A request reaches the application. */
  asked(clientId: string, id: number): void;
  /** A message handler starts; the result is to be called at its end. */
  entered(server: SimProcess, clientId: string): () => void;
  /** Handlers take no longer than they must. */
  readonly calm: boolean;
}

/**
 * The application on a server. It counts the messages of each client in memory, as applications do, and so notices
 * when memory and store part.
 */
export class ServerApp {
  readonly #store: ServerStore;
  readonly #process: SimProcess;
  readonly #outside: Outside;
  readonly #counts = new Map<string, number>();

  constructor(store: ServerStore, process: SimProcess, outside: Outside) {
    this.#store = store;
    this.#process = process;
    this.#outside = outside;
  }

  /** Another server may have had the client, or a commit was not kept: the memory is worth nothing. */
  forget(clientId: string): void {
    this.#counts.delete(clientId);
  }

  async handle(message: IncomingMessage<Order>, tx: Transaction): Promise<void> {
    const leave = this.#outside.entered(this.#process, message.clientId);
    try {
      await this.#handle(message, tx);
    } finally {
      leave();
    }
  }

  async #handle({ clientId, payload }: IncomingMessage<Order>, tx: Transaction): Promise<void> {
    const { n, act, ms, times, to, secret } = payload;
    if (act === 'refuse') throw new Refused(`no to message ${n}`, { code: 4200 });
    if (act === 'fail') this.#failAtFirst(`${clientId}/${n}`, times);
    const sleeps = act === 'slow' && !this.#outside.calm;
    if (sleeps) await this.#sleep(this.#slowness(`${clientId}/${n}`, ms));
    const counted = this.#counts.get(clientId);
    const count = (counted ?? (await this.#load(clientId))) + 1;
    // The oracle compares it with what the commit holds.
    tx.put(`effect/${clientId}/${n}`, digits(to.length));
    tx.put(`count/${clientId}`, digits(count));
    tx.put(`last/${clientId}`, digits(n));
    tx.publishTo(to, { id: `${clientId}:${n}`, secret });
    // What was aborted while it waited is not kept, so that it must not be remembered either.
    const waited = sleeps || counted === undefined;
    if (!waited || !tx.signal.aborted) this.#counts.set(clientId, count);
  }

  async answer({ clientId, payload }: IncomingRequest<Question>, tx: Transaction): Promise<Answer> {
    this.#outside.asked(clientId, payload.id);
    if (payload.ms > 0 && !this.#outside.calm) await this.#sleep(payload.ms);
    if (payload.publishes) tx.publish({ id: `answer-${payload.id}`, secret: payload.secret });
    const last = await this.#store.get(`last/${clientId}`);
    return { last: last === undefined ? -1 : Number(utf8.decode(last)) };
  }

  #failAtFirst(message: string, times: number): void {
    const failed = this.#outside.failures.get(message) ?? 0;
    if (failed >= times) return;
    this.#outside.failures.set(message, failed + 1);
    throw new Error('the handler has a bad day');
  }

  /** One that is too slow for its time is so at first only: for ever it would be a message that nobody can handle. */
  #slowness(message: string, ms: number): number {
    const before = this.#outside.failures.get(message) ?? 0;
    this.#outside.failures.set(message, before + 1);
    return before < 2 ? ms : 0;
  }

  async #load(clientId: string): Promise<number> {
    const stored = await this.#store.get(`count/${clientId}`);
    return stored === undefined ? 0 : Number(utf8.decode(stored));
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#process.later(ms, resolve);
    });
  }
}

/** In the heap of JavaScript, as short arrays are: what TextEncoder gives lies outside, and three of them for each message are dear. */
function digits(number: number): Uint8Array {
  const text = String(number);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}
