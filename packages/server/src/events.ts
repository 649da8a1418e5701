import type { SessionHardening } from '@sealwire/session';

/**
 * What a server tells its operator: for logs and metrics. Never holds payloads or keys. Words that came from a peer
 * are made safe to print.
 */
export type ServerEvent =
  | { readonly type: 'listening'; readonly urls: readonly string[] }
  /** A proof held; the session can receive and publish. */
  | {
      readonly type: 'session-opened';
      readonly clientId: string;
      readonly remoteAddress: string | undefined;
      /** 'hardened', or why the session is not. */
      readonly hardening: SessionHardening;
    }
  /**
   * A client whose sessions were hardened has one that is not: an older program with the same key, a changed option, or
   * somebody who makes such a program sign. Give its entry `hardening: 'require'` if it must not be.
   */
  | { readonly type: 'downgraded'; readonly clientId: string; readonly remoteAddress: string | undefined }
  /** `code` and `reason` are the close's, whoever closed; `error` says why the server closed. */
  | {
      readonly type: 'session-closed';
      readonly clientId: string;
      readonly remoteAddress: string | undefined;
      readonly code: number;
      readonly reason: string;
      readonly error: Error | undefined;
    }
  /**
   * A link ended before a session was open. `clientId` is what the hello claimed: unproved. `error` is undefined
   * where the peer left by itself.
   */
  | {
      readonly type: 'handshake-refused';
      readonly clientId: string | undefined;
      readonly remoteAddress: string | undefined;
      readonly code: number;
      readonly error: Error | undefined;
    }
  /**
   * A message's SEQUENCE was consumed with this refusal. `reason` is the application's or this library's; what a schema
   * says of the payload, and may quote, is told to the client only.
   */
  | {
      readonly type: 'message-refused';
      readonly clientId: string;
      readonly sequence: bigint;
      readonly code: number;
      readonly reason: string;
    }
  /** A handler failed by the server's own fault: nothing of it was kept. One of the two numbers is given. */
  | {
      readonly type: 'handler-failed';
      readonly clientId: string;
      readonly sequence?: bigint;
      readonly requestId?: bigint;
      readonly error: Error;
    }
  /**
   * A handler ended well and what it did is not kept: its commit failed, its answer cannot be sent, or it ended after
   * its time was over. Reload from the store what the application keeps in memory, or exit. It comes before the client's
   * next handler starts, save for one that nobody waited for any more; none comes for a handler that threw.
   */
  | { readonly type: 'rollback'; readonly clientId: string; readonly error: Error }
  /** The store failed outside of a commit. */
  | { readonly type: 'store-failed'; readonly clientId: string; readonly error: Error }
  /**
   * A bound was reached and something turned away because of it; `limit` is the option's name. At most once a second for
   * each limit: `count` were turned away since the event before, `remoteAddress` is that of the last.
   */
  | {
      readonly type: 'overloaded';
      readonly limit: string;
      readonly remoteAddress: string | undefined;
      readonly count: number;
    }
  /** A session sent more than `rateLimit` allows, for the `times`th time: what is too much waits, or the session ends. */
  | {
      readonly type: 'rate-exceeded';
      readonly clientId: string;
      readonly remoteAddress: string | undefined;
      readonly times: number;
    }
  /** The client directory has an entry that cannot be used, or cannot be read; `source` is a client id, file or folder. */
  | { readonly type: 'directory-problem'; readonly source: string; readonly error: Error }
  | { readonly type: 'draining'; readonly sessions: number }
  | { readonly type: 'closed' };
