import type { ServerKeyName } from './keys.js';

/** What a peer of the script did, as far as a reader of docs/protocol.md can tell. For the times see `Arrival`. */
export type Seen = { readonly at: number; readonly fairAt: number } & SeenFact;

export type SeenFact =
  | { readonly kind: 'http'; readonly status: string; readonly head: string }
  | {
      readonly kind: 'hello';
      readonly id: string;
      readonly lastSeenOrder: bigint;
      /** The key under which it came. */
      readonly to: ServerKeyName;
    }
  | { readonly kind: 'welcome'; readonly lastSeenSequence: bigint }
  /** A welcome that is not for the key of this peer. */
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'proof' }
  | { readonly kind: 'heartbeat' }
  | { readonly kind: 'message' | 'request' | 'answer'; readonly number: bigint; readonly json: string }
  | { readonly kind: 'error'; readonly text: string }
  | { readonly kind: 'text' | 'ping' | 'pong'; readonly text: string }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string }
  /** A FIN, and a connection that ended without one. */
  | { readonly kind: 'end' | 'reset' }
  /** What no peer should ever send. */
  | { readonly kind: 'broken'; readonly why: string };

/** One line for a report. */
export function describe(seen: SeenFact): string {
  switch (seen.kind) {
    case 'http':
      return `HTTP ${seen.status}`;
    case 'hello':
      return `hello to ${seen.to} id ${seen.id} last-seen-order ${seen.lastSeenOrder}`;
    case 'welcome':
      return `welcome last-seen-sequence ${seen.lastSeenSequence}`;
    case 'message':
    case 'request':
    case 'answer':
      return `${seen.kind} ${seen.number} ${clip(seen.json)}`;
    case 'error':
    case 'text':
    case 'ping':
    case 'pong':
      return `${seen.kind} "${clip(seen.text)}"`;
    case 'close':
      return `close ${seen.code} "${seen.reason}"`;
    case 'broken':
      return `something broken: ${seen.why}`;
    default:
      return seen.kind;
  }
}

function clip(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}… (${text.length} characters)` : text;
}
