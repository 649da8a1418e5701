/** A message of the server. */
export interface Message<Receive = unknown> {
  /** Strictly increasing; where to go on after it. */
  readonly order: bigint;
  /** Seconds since 1970-01-01 UTC with the fraction, by the server's clock: when it happened. */
  readonly timestamp: number;
  readonly payload: Receive;
  /** An earlier process, or this one before `resumeFrom`, may have handled it already. */
  readonly possiblyHandled: boolean;
}

export type MessageListener<Receive> = (message: Message<Receive>) => void | Promise<void>;
