/** Why a link ended. */
export interface LinkClose {
  /**
   * The code of the peer's close frame; the own code if this side closed first and the peer confirmed it, or if
   * this side closed because the peer broke the rules of the transport; 1005 if the peer gave none; 1006 if the
   * link was cut, terminated, or the peer did not confirm in time. Always such a code: a peer that gives one that may
   * not be sent (see `isCloseCode`) breaks the rules.
   */
  readonly code: number;
  /** The peer's words, never trusted; at most 123 bytes of UTF-8. Empty when there is none. */
  readonly reason: string;
  /** This side closed, because what the peer sent broke the rules of the transport: the code is not the peer's word. */
  readonly violation?: true;
  /** What the operating system or the transport library said, when it said something. */
  readonly cause?: Error;
}

/**
 * What a link tells its owner. No event is ever delivered from inside a call to the link. After the owner called
 * `close` or `terminate`, the only event that still comes is `close`. Call them on the object that was given: it may be
 * one of a class, of which a spread copies nothing.
 */
export interface LinkEvents {
  /** One frame or more, in order; how many come at once is up to the transport. Each frame belongs to the receiver from now on. */
  frames(frames: readonly Uint8Array[]): void;
  /** A text message came. The protocol has none, so its content is not handed on. */
  text(): void;
  /** `bufferedBytes` is back at 0, after a `send` that left it above 0. */
  drain(): void;
  /**
   * The peer answered a ping, and so has read all that was sent before it: once for each ping, also where one answer is for
   * several. What answers no ping is not told.
   */
  pong(): void;
  /** Exactly once, and the last event. */
  close(close: LinkClose): void;
}

/**
 * One ordered pipe of binary messages, reliable until it is cut. A link is a value that a `Dialer` or a `Listen`
 * hands out; nothing is registered anywhere.
 */
export interface Link {
  /**
   * Begins delivery; called once. What arrives earlier waits, bounded by the transport's own flow control. On a
   * link that ended meanwhile, what had been read is delivered and then `close`.
   * @throws TransportError `E_STARTED` the second time.
   */
  start(events: LinkEvents): void;

  /**
   * Hands over a whole batch in one write. Each frame has 0 to the peer's `maxFrameBytes` bytes. The bytes must
   * not be changed afterwards, and the link does not change them, so one buffer may go to many links. A no-op for
   * an empty batch and for a link that is closing or closed; never throws.
   */
  send(frames: readonly Uint8Array[]): void;

  /** Bytes accepted by `send` that the network has not yet taken, with or without the transport's own overhead. */
  readonly bufferedBytes: number;

  /** The largest frame this side accepts; a larger one ends the link with 1009. What is sent is not checked. */
  readonly maxFrameBytes: number;

  /**
   * Closes politely: what was sent first is delivered first, then the peer confirms. If it has not within the
   * transport's close timeout, the link terminates. The reason is cut to 123 bytes of UTF-8.
   * @throws TransportError `E_CLOSE_CODE` unless the code is one that may be sent, see `isCloseCode`.
   */
  close(code: number, reason: string): void;

  /** Ends the link at once, what is buffered is lost; `close` follows with 1006. */
  terminate(): void;

  /** True if TLS is underneath. */
  readonly secure: boolean;
  /** True if the bytes do not leave this machine: loopback or memory. */
  readonly local: boolean;
  /** The peer's IP address, where the transport knows it. */
  readonly remoteAddress: string | undefined;

  /**
   * Milliseconds since the last byte of the peer was read, or since the link was opened. Unlike the events it knows of
   * parts of a frame and of control messages; only where the transport sees bytes before a frame is whole.
   */
  readonly silentFor?: number | undefined;
  /** Only where the transport can stop reading. What had been read may still be delivered after `pause`. */
  readonly pausing?: { pause(): void; resume(): void };
  /** Only where the transport has pings of its own; `LinkEvents.pong` answers. */
  readonly pinging?: { ping(): void };
}

/**
 * Opens a link.
 * @throws TransportError (as a rejection) with a code that says what failed; `E_DIAL_ABORTED` once `signal` aborts.
 */
export type Dialer = (options: { readonly signal: AbortSignal }) => Promise<Link>;

/** A place where links are accepted. */
export interface Listener {
  /** Where to dial, e.g. `ws://127.0.0.1:8080/` or `memory:`. */
  readonly url: string;
  /** Stops accepting; resolves when nothing more will be accepted. Open links stay: they belong to their owners. */
  close(): Promise<void>;
}

/**
 * Begins to accept links. `accept` gets each one before anything of it is delivered.
 * @throws TransportError (as a rejection), e.g. `E_PORT_IN_USE`.
 */
export type Listen = (accept: (link: Link) => void) => Promise<Listener>;
