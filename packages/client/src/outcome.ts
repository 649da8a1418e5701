/** What became of a message. */
export type Outcome =
  /** The server handled it, and its effects are durable. */
  | { readonly kind: 'accepted' }
  /** The server's application refused it; it has no effects and is not sent again. */
  | { readonly kind: 'refused'; readonly reason: string; readonly code?: number }
  /** The server has taken it; it cannot say whether it was accepted, or has forgotten it. */
  | { readonly kind: 'consumed' };

/** A message that was handed over. */
export interface Sent {
  readonly sequence: bigint;
  /** Rejects with `E_OUTCOME_UNKNOWN` when the client ends before it knows. */
  readonly outcome: Promise<Outcome>;
}
