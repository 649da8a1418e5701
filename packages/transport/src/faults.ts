import type { Pipe } from './pipe.js';

/** How one direction of a memory link behaves. */
export interface DirectionOptions {
  /** Milliseconds that everything takes from one end to the other. Default 0. */
  readonly delay?: number;
  /** Up to so many milliseconds more, drawn from `random` for each batch; the order stays. Default 0. */
  readonly jitter?: number;
  /**
   * Bytes that may be on their way or unread; the rest waits at the sender and counts as `bufferedBytes`. One
   * frame is always let through, however big. Default 262,144.
   */
  readonly window?: number;
  /** `kept`: a batch arrives as it was sent, the window permitting. `split`: at random into several. Default `kept`. */
  readonly batching?: 'kept' | 'split';
}

/** The faults of one direction; all may be used while the link is in use. */
export interface DirectionFaults {
  /** Changes how the direction behaves from now on; what is not named stays. */
  set(options: DirectionOptions): void;
  /** Cuts the link when `bytes` more payload bytes have gone this way. A frame is delivered whole or not at all. */
  cutAfterBytes(bytes: number): void;
  /** Cuts the link after `frames` more frames have gone this way. */
  cutAfterFrames(frames: number): void;
  /** A black hole: nothing arrives any more, not even the news that the sender has terminated. */
  stall(): void;
  /** Ends the stall; all that was sent meanwhile arrives, in order. */
  heal(): void;
  /** The receiver sees the connection end (1006); the sender is told nothing. */
  halfClose(): void;
  /** Delivers a text message to the receiver. */
  text(): void;
}

/** The faults of a memory link. */
export interface LinkFaults {
  /** From the client (the end that dialed) to the server. */
  readonly up: DirectionFaults;
  /** From the server to the client. */
  readonly down: DirectionFaults;
  /** Cuts the link now: what is on its way is lost, both ends see 1006. */
  cut(): void;
}

export function directionFaults(pipe: Pipe): DirectionFaults {
  return {
    set: (options) => pipe.set(options),
    cutAfterBytes: (bytes) => pipe.limit({ bytes }),
    cutAfterFrames: (frames) => pipe.limit({ frames }),
    stall: () => pipe.stall(),
    heal: () => pipe.heal(),
    halfClose: () => pipe.halfClose(),
    text: () => pipe.push({ kind: 'text' }),
  };
}
