import type { Client } from './clients.js';
import type { HandlerOutcome } from './run-handler.js';
import type { SessionCommits } from './session-commits.js';
import type { Shared } from './shared.js';
import type { StagedTransaction } from './transaction.js';

/** A live session as its handlers see it. */
export interface SessionContext {
  readonly shared: Shared;
  readonly clientId: string;
  readonly client: Client;
  readonly commits: SessionCommits;
  /** Aborted when nothing that still runs will be kept. */
  readonly signal: AbortSignal;
  /** No handler may start any more. */
  readonly stopped: boolean;
  /** What a handler that begins works with. */
  begin(): StagedTransaction;
  /** The handler has ended, or nobody waits for it any more. */
  finish(transaction: StagedTransaction, outcome: HandlerOutcome): void;
  stop(): void;
  abort(reason: Error): void;
  /** ERROR with the text, then a close; nothing if the session has ended. */
  fail(code: number, text: string, error: Error): void;
  /** Tells the application that its handler ended well and nothing of what it did is kept. */
  notKept(error: unknown): void;
  /** Tells the application that a commit was not kept, and ends the session as that demands. */
  commitFailed(error: unknown): void;
}
