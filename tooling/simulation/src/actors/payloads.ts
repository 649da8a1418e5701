import type { Act } from '../plan/plan.js';

/** No error and no event may hold it: I9. */
export const secret = 'PLAINTEXT-7f31';

/** What a client sends. */
export interface Order {
  readonly n: number;
  readonly act: Act;
  readonly ms: number;
  readonly times: number;
  /** Client ids. */
  readonly to: readonly string[];
  readonly secret: string;
}

/** What a client asks. */
export interface Question {
  readonly id: number;
  readonly ms: number;
  /** The handler publishes to the asking client. */
  readonly publishes: boolean;
  readonly secret: string;
}

/** The answer: the highest message of the asking client that has an effect; -1: none. */
export interface Answer {
  readonly last: number;
}

export function clientName(index: number): string {
  return `client-${index}`;
}
