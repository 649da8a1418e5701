/** What the server sends to clients. */
export type EventPayload =
  /** From within a handler: part 0 to the sender, part 1 to the others that the message named. */
  | {
      readonly kind: 'effect';
      readonly by: string;
      readonly sequence: string;
      readonly n: number;
      readonly part: number;
    }
  /** From outside of handlers. */
  | { readonly kind: 'news'; readonly boot: number; readonly n: number };

/** What a client sends. `n` counts its messages over all its processes. */
export interface MessagePayload {
  readonly n: number;
  /** Who else is told. */
  readonly to: readonly string[];
  readonly pad: string;
}

/** What a handler puts, under a key that no other run of a handler ever has: two runs leave two. */
export interface Effect {
  readonly sequence: string;
  readonly n: number;
  readonly to: readonly string[];
  /** Which process of the server, and which of its handlers: the order of handling. */
  readonly boot: number;
  readonly tick: number;
}

/** `at`: milliseconds, the same clock for all processes of one machine. Numbers of 64 bits are decimal texts. */
export type ClientRecord = {
  readonly at: number;
} /** The first of each process: where it goes on, by what the application itself has kept. */ & (
  | { readonly kind: 'boot'; readonly boot: number; readonly nextN: number; readonly done: string }
  | { readonly kind: 'live'; readonly lastSeen: string }
  | { readonly kind: 'send'; readonly n: number }
  | { readonly kind: 'sent'; readonly n: number; readonly sequence: string }
  | { readonly kind: 'unsent'; readonly n: number; readonly code: string }
  | { readonly kind: 'outcome'; readonly n: number; readonly sequence: string; readonly outcome: string }
  | { readonly kind: 'got'; readonly order: string; readonly marked: boolean; readonly payload: EventPayload }
  /** The effect of an event and its ORDER, in one write. */
  | { readonly kind: 'done'; readonly order: string }
  /** Its ORDER showed that the effect is there already. */
  | { readonly kind: 'skipped'; readonly order: string }
  /** `after`: the highest SEQUENCE that was handed over before. */
  | { readonly kind: 'call'; readonly key: string; readonly after: string }
  | { readonly kind: 'answered'; readonly key: string; readonly last: string }
  | { readonly kind: 'unanswered'; readonly key: string; readonly code: string }
  /** The client was told that history is gone, and goes on with what there is. */
  | { readonly kind: 'gap' }
  | { readonly kind: 'stopped'; readonly code: string; readonly message: string }
);

export interface Position {
  readonly lastSequence: string;
  readonly head: string;
}

export type ServerRecord = { readonly at: number } & (
  | { readonly kind: 'boot'; readonly boot: number; readonly positions: Readonly<Record<string, Position>> }
  | { readonly kind: 'listening'; readonly boot: number }
  | {
      readonly kind: 'published';
      readonly boot: number;
      readonly n: number;
      readonly orders: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'unpublished'; readonly boot: number; readonly n: number; readonly code: string }
  | { readonly kind: 'event'; readonly type: string; readonly detail: string }
);

/** Of one moment for all processes, whatever anybody does to the wall clock after they have started. */
export const now = (): number => performance.timeOrigin + performance.now();
