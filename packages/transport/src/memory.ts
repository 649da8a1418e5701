import { TransportError } from './errors.js';
import { type DirectionOptions, directionFaults, type LinkFaults } from './faults.js';
import type { Dialer, Link, Listen } from './link.js';
import { MemoryLink } from './memory-link.js';
import { type Item, Pipe, type PipeClock } from './pipe.js';
import { type Scheduler, systemScheduler } from './scheduler.js';

/** Options of memory links; everything has a default. */
export interface MemoryOptions {
  /**
   * Owns every delay, and then also each undelayed delivery (`after(0, …)`), so that a virtual clock makes every
   * step. Default: `systemScheduler` for delays, and microtasks where there is none.
   */
  readonly scheduler?: Scheduler;
  /** Numbers in [0, 1) for jitter and splits. Default `Math.random`. */
  readonly random?: () => number;
  /** The largest frame that either end accepts, in bytes. Default 65,536. */
  readonly maxFrameBytes?: number;
  /** Milliseconds that a polite close may take. Default 2,000. */
  readonly closeTimeout?: number;
  /** What `Link.secure` says. Default false. */
  readonly secure?: boolean;
  /** What `Link.remoteAddress` says. Default `127.0.0.1`. */
  readonly remoteAddress?: string;
  /** Whether the links can pause. Default true. */
  readonly pausing?: boolean;
  /** Whether the links can ping. Default true. */
  readonly pinging?: boolean;
  /** How the direction from client to server behaves at first. */
  readonly up?: DirectionOptions;
  /** How the direction from server to client behaves at first. */
  readonly down?: DirectionOptions;
}

/** Two ends that are connected, and the faults between them. */
export interface LinkPair {
  readonly client: Link;
  readonly server: Link;
  readonly faults: LinkFaults;
}

/** Two connected ends in memory. */
export function linkPair(options: MemoryOptions = {}): LinkPair {
  return connect(options, () => {});
}

function connect(options: MemoryOptions, ended: () => void): LinkPair {
  const scheduler = options.scheduler ?? systemScheduler;
  const { scheduler: injected } = options;
  const clock: PipeClock = {
    scheduler,
    random: options.random ?? Math.random,
    soon: injected === undefined ? queueMicrotask : (run) => void injected.after(0, run),
  };
  const linkOptions = {
    clock,
    maxFrameBytes: options.maxFrameBytes ?? 65_536,
    closeTimeout: options.closeTimeout ?? 2_000,
    secure: options.secure ?? false,
    remoteAddress: options.remoteAddress ?? '127.0.0.1',
    pausing: options.pausing ?? true,
    pinging: options.pinging ?? true,
    ended,
  };
  const ends = (sender: () => MemoryLink, receiver: () => MemoryLink) => ({
    get reading() {
      return receiver().reading;
    },
    receive: (item: Item) => receiver().receive(item),
    drained: () => sender().drained(),
    cut: () => sender().lose(),
  });
  const up: Pipe = new Pipe(
    clock,
    ends(
      () => client,
      () => server,
    ),
    options.up,
  );
  const down: Pipe = new Pipe(
    clock,
    ends(
      () => server,
      () => client,
    ),
    options.down,
  );
  const client = new MemoryLink(up, down, linkOptions);
  const server = new MemoryLink(down, up, linkOptions);
  const cut = () => {
    client.lose();
    server.lose();
  };
  return { client, server, faults: { up: directionFaults(up), down: directionFaults(down), cut } };
}

/** Dialer and listener in memory. One listener at a time; dialing without one is refused. */
export interface MemoryTransport {
  readonly dial: Dialer;
  readonly listen: Listen;
  /** The pairs that were dialed and are still open at one end at least, the oldest first. */
  readonly pairs: ReadonlySet<LinkPair>;
  /** Runs before each dial: throw to refuse it, wait to delay it. */
  onDial: (() => void | Promise<void>) | undefined;
  /** Sees each new pair before either end is handed out, e.g. to set faults. */
  onPair: ((pair: LinkPair) => void) | undefined;
}

/** A network in memory: what `dial` opens, `listen` accepts. The options hold for each link. */
export function memoryTransport(options: MemoryOptions = {}): MemoryTransport {
  const pairs = new Set<LinkPair>();
  let accept: ((link: Link) => void) | undefined;
  const transport: MemoryTransport = {
    pairs,
    onDial: undefined,
    onPair: undefined,
    async dial({ signal }) {
      await unlessAborted(signal, async () => transport.onDial?.());
      if (accept === undefined)
        throw new TransportError('E_DIAL_REFUSED', 'nobody listens: call listen first');
      let endsOpen = 2;
      const pair = connect(options, () => {
        endsOpen--;
        if (endsOpen === 0) pairs.delete(pair);
      });
      pairs.add(pair);
      transport.onPair?.(pair);
      accept(pair.server);
      return pair.client;
    },
    async listen(onLink) {
      if (accept !== undefined) {
        throw new TransportError('E_PORT_IN_USE', 'this memory transport has a listener: close it first');
      }
      accept = onLink;
      return {
        url: 'memory:',
        async close() {
          if (accept === onLink) accept = undefined;
        },
      };
    },
  };
  return transport;
}

async function unlessAborted(signal: AbortSignal, step: () => Promise<void>): Promise<void> {
  const abortError = () =>
    new TransportError('E_DIAL_ABORTED', 'the dial was aborted', { cause: signal.reason });
  if (signal.aborted) throw abortError();
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(abortError());
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    await Promise.race([aborted, step()]);
    if (signal.aborted) throw abortError();
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
