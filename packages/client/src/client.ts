import type { CallOptions } from './calls.js';
import { Engine } from './engine.js';
import type { Message, MessageListener } from './message.js';
import { type ConnectOptions, type ResumePoint, readOptions } from './options.js';
import type { Sent } from './outcome.js';
import type { ConnectionState } from './state.js';
import type { WaitOptions } from './waiting.js';

/**
 * A client of one server. It keeps one live session, dials again by itself, resends what the server does not have,
 * and goes on reading after the last message that was handled.
 *
 * @typeParam Receive what the server publishes. Without a schema it is believed, not checked.
 * @typeParam Send what is sent as messages
 * @typeParam Request what is sent as requests
 * @typeParam Answer what the server answers; likewise believed, and a call may name the one of several that it gets
 */
export interface Client<Receive = unknown, Send = unknown, Request = unknown, Answer = unknown>
  extends AsyncDisposable {
  readonly state: ConnectionState;

  /** Called at each change of `state`. @returns the function that ends it */
  onState(listener: (state: ConnectionState) => void): () => void;

  /**
   * Sends a MESSAGE. Resolves when its frame was handed to the link, with a durable state after it is on disk; the
   * outcome is another promise. Order is the order of the calls.
   *
   * @throws ClientError (as a rejection) `E_JSON`, `E_OVERFLOW`: no SEQUENCE was used. `E_OUTBOX_FULL`. `E_CLOSED` or
   * the code of the stop: not handed over by this client, but kept by a durable state for the next one
   */
  send(payload: Send): Promise<Sent>;

  /**
   * Sends an RPC request and resolves with the payload of the answer. The server has seen all messages sent before.
   *
   * @throws ClientError (as a rejection) `E_REQUEST_FAILED` with the server's `remoteCode`, `E_CALL_UNKNOWN`,
   * `E_CALL_NOT_SENT`, `E_TIMEOUT`, `E_ABORTED`, `E_CALLS_FULL`, `E_ANSWER`, `E_JSON`, `E_OVERFLOW`
   */
  call<Reply extends Answer = Answer>(payload: Request, options?: CallOptions<Reply>): Promise<Reply>;

  /**
   * The messages of the server, in order. One counts as handled when the next is asked for: the one at which a loop is
   * left, by `break` or by a throw, which look the same from here, comes again after a restart, marked
   * `possiblyHandled`. Ends with `close`, throws what stopped the client.
   *
   * @throws ClientError `E_STATE` if messages go elsewhere already
   */
  messages(): AsyncIterableIterator<Message<Receive>>;

  /**
   * Hands each message of the server to the listener, the next one when its promise has resolved. A throw stops the
   * client with `E_HANDLER`.
   *
   * @throws ClientError `E_STATE` if messages go elsewhere already
   */
  onMessage(listener: MessageListener<Receive>): void;

  /**
   * Resolves when every message sent before has a settled outcome. Without Checkpoint the client closes and dials
   * again for it, at most every 5 s.
   *
   * @throws ClientError (as a rejection) `E_TIMEOUT`, `E_ABORTED`, `E_CLOSED`, or the code of the stop; `E_UNTRUSTED`
   * on a link that is neither TLS nor local, where no outcome settles without `trustUnhardenedServer`
   */
  flush(options?: WaitOptions): Promise<void>;

  /**
   * After a stop with `E_HISTORY_GONE` or `E_AHEAD`: reads on from the oldest message kept or after this ORDER.
   *
   * @throws ClientError `E_STATE` in any other state, `E_OPTION`
   */
  resumeFrom(point: Exclude<ResumePoint, 'saved'>): void;

  /** Cuts the link, if there is one, and dials at once: after a change of network. No effect once closed or stopped. */
  reconnect(): void;

  /**
   * From now on no message comes to the application. Hands over what was accepted, if there is a live link, for up to
   * `timeout` ms (default 5,000), closes, and settles every promise that is left. May be called again. Never rejects.
   *
   * @throws ClientError `E_OPTION` at once
   */
  close(options?: { readonly timeout?: number }): Promise<void>;
}

/**
 * Connects and resolves at the first live session; from then on the client reconnects by itself until it is closed
 * or stops.
 *
 * @throws ClientError (as a rejection) `E_OPTION` at once; `E_CONNECT_TIMEOUT` with the last cause; `E_REFUSED` at
 * once on TLS or on this machine; `E_ABORTED`; the code of any other stop
 */
export async function connect<Receive = unknown, Send = unknown, Request = unknown, Answer = unknown>(
  options: ConnectOptions<Receive>,
): Promise<Client<Receive, Send, Request, Answer>> {
  const settings = readOptions(options);
  return Engine.start<Receive, Send, Request, Answer>(settings);
}
