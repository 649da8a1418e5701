import type { ServerSession } from '@sealwire/session';
import type { Pressure } from './pressure.js';

/** Answers go out as soon as the link has room, ahead of the next batch of messages. */
export class Answers {
  readonly #session: ServerSession;
  readonly #link: { hasRoom(): boolean };
  readonly #pressure: Pressure;
  readonly #batchBytes: number;
  readonly #waiting: { readonly requestId: bigint; readonly json: Uint8Array }[] = [];
  #unflushed = 0;

  constructor(session: ServerSession, link: { hasRoom(): boolean }, pressure: Pressure, batchBytes: number) {
    this.#session = session;
    this.#link = link;
    this.#pressure = pressure;
    this.#batchBytes = batchBytes;
  }

  send(requestId: bigint, json: Uint8Array): void {
    if (this.#waiting.length === 0 && this.#link.hasRoom()) return this.#write(requestId, json);
    this.#waiting.push({ requestId, json });
    this.#pressure.change('answerBytes', json.length);
  }

  /** The link may have room again. */
  wake(): void {
    while (this.#waiting.length > 0 && this.#link.hasRoom()) {
      const answer = this.#waiting.shift();
      if (answer === undefined) return;
      this.#pressure.change('answerBytes', -answer.json.length);
      this.#write(answer.requestId, answer.json);
      // Only what the link has been given counts against its room.
      this.#flush();
    }
  }

  #write(requestId: bigint, json: Uint8Array): void {
    // Answers of one turn leave in one batch.
    if (this.#unflushed === 0) queueMicrotask(() => this.#flush());
    this.#session.sendAnswer(requestId, json);
    this.#unflushed += json.length;
    if (this.#unflushed > this.#batchBytes) this.#flush();
  }

  #flush(): void {
    this.#unflushed = 0;
    this.#session.flush();
  }
}
