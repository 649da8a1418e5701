/** What a client does after the link closed with a code. */
export type Retry =
  /** Dial again under the normal back-off. */
  | 'retry'
  /** Dial again, at the longest back-off from the start. */
  | 'retry-slowly'
  /** Do not dial again by itself. */
  | 'stop';

export interface CloseCodeEntry {
  readonly meaning: string;
  readonly retry: Retry;
}

/**
 * Every close code of the protocol and what a client does after it. One table for both roles; `docs/protocol.md`
 * holds the same rows. For people and tools: no program that only connects carries it.
 */
export const closeCodes = {
  1000: { meaning: 'done; a client dials again unless it closed itself', retry: 'retry' },
  1001: { meaning: 'going away', retry: 'retry' },
  1002: { meaning: 'a frame broke the protocol, up to and including its signature', retry: 'retry' },
  1003: { meaning: 'a text message came on a live session', retry: 'retry' },
  1006: { meaning: 'the link was cut without a close', retry: 'retry' },
  1007: { meaning: 'bad UTF-8 or JSON, or a message that the application refuses', retry: 'retry' },
  1008: { meaning: 'handshake refused, whatever the cause', retry: 'retry-slowly' },
  1009: { meaning: 'message too big', retry: 'retry' },
  1011: { meaning: "the server's own fault; nothing of the message was kept", retry: 'retry' },
  1012: { meaning: 'the server restarts or drains: come back soon', retry: 'retry' },
  1013: { meaning: 'overloaded: come back later', retry: 'retry' },
  4000: { meaning: 'the same client id connected again; the newer session stays', retry: 'stop' },
  4001: { meaning: 'SEQUENCE was not the last accepted number plus one', retry: 'retry' },
  4002: { meaning: 'duplicate client order id (application)', retry: 'retry' },
  4009: {
    meaning: 'more frames a second than the server allows; what came before it was handled',
    retry: 'retry-slowly',
  },
  4100: { meaning: 'history before LAST SEEN ORDER is gone', retry: 'stop' },
  4101: { meaning: 'LAST SEEN ORDER is ahead of the server', retry: 'stop' },
  4102: { meaning: 'too slow: what was sent was not drained in time', retry: 'retry' },
} as const satisfies Record<number, CloseCodeEntry>;

export type CloseCode = keyof typeof closeCodes;

/** What an HTTP answer to the WebSocket upgrade means for the next dial. */
export function retryAfterHttpStatus(status: number): Retry {
  // Redirects and refusals of identity are as final as a refused handshake; the rest is a busy or broken way.
  return status === 401 || status === 403 || (status >= 300 && status < 400) ? 'retry-slowly' : 'retry';
}

/** As the table has it; a code that is not listed is treated as a lost link. */
export function retryAfterClose(code: number): Retry {
  switch (code) {
    case 1008:
    case 4009:
      return 'retry-slowly';
    case 4000:
    case 4100:
    case 4101:
      return 'stop';
    default:
      return 'retry';
  }
}

/** May an application refuse a message with this code (decision of the protocol's docs: 1007, 4002, 4200 to 4999)? */
export function isRefusalCode(code: number): boolean {
  return code === 1007 || code === 4002 || (Number.isInteger(code) && code >= 4200 && code <= 4999);
}
