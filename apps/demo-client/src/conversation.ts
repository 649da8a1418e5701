import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, Message, Sent } from '@sealwire/client';
import { codeOf } from '@sealwire/demo-common';
import type { Command } from './command.js';
import type { Journal } from './journal.js';
import { commands } from './options.js';
import { errorText, eventText, jsonText, outcomeText, stateText } from './texts.js';

/** How long a message may wait for a link, and a call that was not sent. */
const patience = 30_000;
/** A million events take their time. */
const callTimeout = 600_000;
/** No event for this long at the end means that no more are on their way. */
const quiet = 250;
const settleTimeout = 10_000;
const checkEvery = 10;

export interface ConversationPorts {
  readonly print: (line: string) => void;
  /** Ends the link without a word. */
  readonly cut: () => void;
  readonly journal: Journal | undefined;
}

/** Runs commands on a client, shows what becomes of them, and knows when all has come to its end. */
export class Conversation {
  readonly #client: Client;
  readonly #ports: ConversationPorts;
  readonly #unsettled = new Set<bigint>();
  /** Sent, and the event that answers has not come. */
  readonly #unanswered = new Set<string>();
  #sent = 0;
  #calls = 0;
  #events = 0;
  #lastOrder: bigint | undefined;
  #lastEventAt = performance.now();
  #failures = 0;
  #lost = 0;
  /** Messages and calls that are not on their way yet. */
  #waiting = 0;
  #callsUnderWay = 0;

  constructor(client: Client, ports: ConversationPorts) {
    this.#client = client;
    this.#ports = ports;
    client.onMessage((message) => this.#onEvent(message));
  }

  /** Commands, messages and calls that did not succeed. */
  get failures(): number {
    return this.#failures;
  }

  /** Messages of which nobody knows whether the server has them. */
  get lost(): number {
    return this.#lost + this.#unsettled.size + this.#waiting;
  }

  /** Resolves when the command is done; a message is done when it was handed to the link. Never rejects. */
  async run(command: Exclude<Command, { kind: 'quit' }>): Promise<void> {
    switch (command.kind) {
      case 'send':
        return this.#send(command.payload);
      case 'call':
        return this.#call(command.payload);
      case 'cut':
        return this.#cut();
      case 'status':
        return this.#status();
      case 'help':
        this.#ports.print(commands);
        return;
      case 'bad':
        return this.#fail(command.reason);
      case 'nothing':
        return;
    }
  }

  /** Waits until every message has its outcome and its event, and no further event comes. */
  async settled(): Promise<void> {
    try {
      await this.#client.flush({ timeout: settleTimeout });
    } catch (error) {
      // After a stop nothing is under way: what was has had its sentence.
      if (!this.#stopped) {
        this.#fail(`not everything has come to its end: ${errorText(error)}`);
        return;
      }
    }
    const giveUpAt = performance.now() + settleTimeout;
    const waiting = () =>
      !this.#stopped &&
      (this.#unanswered.size + this.#callsUnderWay > 0 || performance.now() - this.#lastEventAt < quiet);
    while (waiting() && performance.now() < giveUpAt) await sleep(checkEvery);
    if (this.#callsUnderWay > 0) this.#fail(`${this.#callsUnderWay} calls have no answer yet`);
    if (this.#unanswered.size > 0) {
      this.#fail(`${this.#unanswered.size} messages were accepted, but no Accepted event came for them`);
    }
  }

  async #send(payload: unknown): Promise<void> {
    this.#sayIfWaiting();
    this.#waiting += 1;
    try {
      const sent = await within(patience, this.#client.send(payload));
      this.#waiting -= 1;
      this.#sent += 1;
      this.#unsettled.add(sent.sequence);
      this.#unanswered.add(String(sent.sequence));
      this.#ports.journal?.write({ kind: 'sent', sequence: String(sent.sequence), payload });
      this.#ports.print(`sent as message ${sent.sequence}`);
      void this.#awaitOutcome(sent);
    } catch (error) {
      this.#waiting -= 1;
      this.#lost += 1;
      this.#fail(`not sent: ${this.#reason(error)}`);
    }
  }

  async #awaitOutcome({ sequence, outcome }: Sent): Promise<void> {
    try {
      const result = await outcome;
      this.#ports.journal?.write({ kind: 'outcome', sequence: String(sequence), outcome: result.kind });
      if (result.kind === 'refused') {
        this.#unanswered.delete(String(sequence));
        this.#fail(outcomeText(sequence, result));
      } else {
        this.#ports.print(outcomeText(sequence, result));
      }
    } catch (error) {
      this.#unanswered.delete(String(sequence));
      this.#lost += 1;
      this.#fail(`the outcome of message ${sequence} is unknown: ${this.#reason(error)}`);
    } finally {
      this.#unsettled.delete(sequence);
    }
  }

  async #call(payload: unknown): Promise<void> {
    const call = this.#calls++;
    this.#ports.journal?.write({ kind: 'called', call, payload });
    this.#sayIfWaiting();
    this.#callsUnderWay += 1;
    try {
      const answer = await this.#answer(payload);
      this.#ports.journal?.write({ kind: 'answered', call, payload: answer });
      this.#ports.print(`answer: ${jsonText(answer)}`);
    } catch (error) {
      const code = codeOf(error) ?? 'unknown';
      this.#ports.journal?.write({ kind: 'failed', call, code });
      this.#fail(`no answer: ${this.#reason(error)}`);
    } finally {
      this.#callsUnderWay -= 1;
    }
  }

  /** A call that was not sent for want of a link is made again when there is one: that does no harm. */
  async #answer(payload: unknown): Promise<unknown> {
    const giveUpAt = performance.now() + patience;
    for (;;) {
      try {
        return await this.#client.call(payload, { timeout: callTimeout });
      } catch (error) {
        if (codeOf(error) !== 'E_CALL_NOT_SENT' || performance.now() >= giveUpAt) throw error;
        await sleep(checkEvery);
      }
    }
  }

  async #cut(): Promise<void> {
    if (this.#client.state.kind !== 'live') {
      this.#ports.print('there is no link to cut just now');
      return;
    }
    this.#ports.print('the link is cut');
    const noticed = new Promise<void>((resolve) => {
      const forget = this.#client.onState(() => {
        forget();
        resolve();
      });
    });
    this.#ports.cut();
    await noticed;
  }

  #onEvent(message: Message): void {
    const { order, payload } = message;
    this.#events += 1;
    this.#lastOrder = order;
    this.#lastEventAt = performance.now();
    this.#ports.journal?.write({ kind: 'received', order: String(order), payload });
    const answered = acceptedSequence(payload);
    if (answered !== undefined) this.#unanswered.delete(answered);
    this.#ports.print(eventText(message));
  }

  #status(): void {
    const waiting = this.#waiting === 0 ? '' : `, ${this.#waiting} waiting for the link`;
    const last = this.#lastOrder === undefined ? '' : `, the last with ORDER ${this.#lastOrder}`;
    this.#ports.print(
      `${stateText(this.#client.state)}; ${this.#sent} messages sent, ${this.#unsettled.size} without outcome${waiting}; ` +
        `${this.#calls} calls, ${this.#callsUnderWay} without answer; ${this.#events} events${last}`,
    );
  }

  get #stopped(): boolean {
    return this.#client.state.kind === 'stopped';
  }

  /** Else nothing at all would be seen of what was typed. */
  #sayIfWaiting(): void {
    const { kind } = this.#client.state;
    if (kind === 'connecting' || kind === 'waiting') this.#ports.print('waiting for the link');
  }

  /** Why the client stopped was said when it did. */
  #reason(error: unknown): string {
    return this.#stopped ? 'the client has stopped; quit and start again' : errorText(error);
  }

  #fail(sentence: string): void {
    this.#failures += 1;
    this.#ports.print(sentence);
  }
}

function acceptedSequence(payload: unknown): string | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined;
  if (!('@type' in payload) || payload['@type'] !== 'Accepted' || !('sequence' in payload)) return undefined;
  return typeof payload.sequence === 'string' ? payload.sequence : undefined;
}

async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = sleep(milliseconds, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`there was no link for ${milliseconds / 1000} s`);
  });
  // Called off when the promise was first: that is no failure of anybody.
  late.catch(() => {});
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
  }
}
