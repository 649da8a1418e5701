/** A message as its handler gets it. */
export interface IncomingMessage<Payload> {
  readonly clientId: string;
  /** Grows by one from message to message of a client; with the client id a key for effects outside of the store. */
  readonly sequence: bigint;
  readonly payload: Payload;
}

/** A request as its handler gets it. */
export interface IncomingRequest<Payload> {
  readonly clientId: string;
  readonly requestId: bigint;
  readonly payload: Payload;
}
