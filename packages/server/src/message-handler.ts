import { errorText } from '@sealwire/session';
import { ServerError } from './errors.js';
import type { Flush, ReceivedMessage } from './message-line.js';
import { BadPayload, decodePayload, refuseReserved, validate } from './payload.js';
import { Refused } from './refused.js';
import { handlerError } from './run-handler.js';
import { storeCode } from './session-commits.js';
import type { SessionContext } from './session-context.js';
import type { StagedTransaction } from './transaction.js';

/** Takes one message through the application and into the store. */
export class MessageHandler {
  readonly #session: SessionContext;

  constructor(session: SessionContext) {
    this.#session = session;
  }

  async handle(message: ReceivedMessage): Promise<Flush> {
    const { clientId, client, shared } = this.#session;
    // A handler of the session before this one may still run: effects of one client never overlap.
    while (client.busy !== undefined) await client.busy;
    if (this.#session.stopped) return undefined;
    const settled = this.#run(message);
    // Until its work is staged or the application was told that it is not: the next handler goes by what it finds.
    shared.clients.occupy(clientId, client, settled);
    return settled;
  }

  async #run(message: ReceivedMessage): Promise<Flush> {
    const { sequence } = message;
    const tx = this.#session.begin();
    const outcome = await this.#session.shared.handlers.run(
      () => this.#call(message, tx),
      (why) => this.#session.notKept(why),
    );
    this.#session.finish(tx, outcome);
    if (outcome.ok) return this.#commit(sequence, tx);
    const { error } = outcome;
    if (error instanceof Refused) return this.#refuse(sequence, error.code, error.message);
    if (error instanceof BadPayload) return this.#refuse(sequence, 1007, error.message, error.inEvents);
    return this.#failOwn(sequence, error);
  }

  #call({ sequence, json }: ReceivedMessage, tx: StagedTransaction): unknown {
    const { clientId, shared } = this.#session;
    const { handlers, json: options } = shared.settings;
    const { onMessage, messageSchema } = handlers;
    const poison = shared.poison.reasonFor(clientId, sequence);
    if (poison !== undefined) throw new Refused(poison);
    if (onMessage === undefined) throw new BadPayload('this server takes no messages');
    const received = decodePayload(json, options);
    refuseReserved(received);
    const call = (payload: unknown) => onMessage({ clientId, sequence, payload: payload as never }, tx);
    return messageSchema === undefined ? call(received) : validate(received, messageSchema).then(call);
  }

  async #commit(sequence: bigint, { publishes, puts }: StagedTransaction): Promise<Flush> {
    try {
      const { flushed } = await this.#session.commits.stage({ sequence, publishes, puts });
      flushed.catch((error) => this.#session.commitFailed(error));
      return { flushed };
    } catch (error) {
      // What the store cannot take at all is a fault of the handler, not of the store.
      if (storeCode(error) === 'E_COMMIT') {
        this.#session.notKept(error);
        return this.#failOwn(sequence, error);
      }
      this.#session.commitFailed(error);
      return undefined;
    }
  }

  /** The SEQUENCE is consumed; the client hears of it only when that is durable. */
  async #refuse(sequence: bigint, code: number, text: string, inEvents = text): Promise<undefined> {
    const { clientId, commits, shared } = this.#session;
    const reason = errorText(text);
    this.#session.stop();
    try {
      const { flushed } = await commits.stage({ sequence, refusal: reason });
      await flushed;
    } catch (error) {
      return void this.#session.commitFailed(error);
    }
    shared.poison.forget(clientId, sequence);
    shared.emit({ type: 'message-refused', clientId, sequence, code, reason: errorText(inEvents) });
    // Words that begin like a code would confirm a close with it, which anybody on the way can write.
    const said = /^\d{4}/.test(reason) ? `${code} ${reason}` : reason;
    this.#session.fail(code, said, new ServerError('E_REFUSED', `message ${sequence} was refused`));
  }

  /** The message is not consumed: the client sends it again. */
  #failOwn(sequence: bigint, cause: unknown): undefined {
    const { clientId, shared, signal } = this.#session;
    const error = handlerError(cause);
    this.#session.stop();
    // A handler that gives up because its session was replaced has not failed.
    if (!signal.aborted) {
      this.#session.abort(error);
      shared.emit({ type: 'handler-failed', clientId, sequence, error });
    }
    this.#session.fail(1011, '1011 the server failed to handle the message', error);
  }
}
