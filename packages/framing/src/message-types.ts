/** MESSAGE TYPE, the same numbers in both directions. ERROR goes from server to client only. */
export const MessageType = { MESSAGE: 1, RPC: 2, ERROR: 3 } as const;

export type MessageType = (typeof MessageType)[keyof typeof MessageType];

/** What a client sends. */
export type ClientMessageType = typeof MessageType.MESSAGE | typeof MessageType.RPC;
