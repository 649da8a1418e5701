import {
  type Dialer,
  type DirectionOptions,
  type Link,
  type LinkFaults,
  type LinkPair,
  type Listen,
  type MemoryTransport,
  memoryTransport,
  TransportError,
} from '@sealwire/transport';
import { Attacker, type Direction } from './attacker.js';
import type { SimClock } from './clock.js';
import { processLink } from './process-link.js';
import type { Random } from './random.js';
import { Reading } from './reading.js';
import { type Ends, type HandshakeMessage, Recordings } from './recordings.js';
import type { SimProcess } from './sim-process.js';

interface Listening {
  readonly process: SimProcess;
  readonly accept: (link: Link) => void;
}

interface Connection extends Ends {
  /** At its server. */
  readonly reading: Reading;
}

/** The servers of a world that accept links. */
export type Listeners = Set<Listening>;

/** The longest time from a dial to its answer. */
const dialTime = 5;

/** A ping, the time for its pong, the time for a close that nobody answers, and some room. */
const longestSilence = 13_000;

/** The way between one client and all servers, with what goes wrong on it. */
export class SimNetwork {
  /** Called for a link that a server still keeps long after the machine of its client has gone, at `lostAt`. */
  onForgotten: (server: SimProcess, lostAt: number) => void = () => {};
  /** Called where a client or a server goes on after this message of a handshake that was before. */
  onFooled: (by: HandshakeMessage) => void = () => {};
  /** What was heard on the way of this client. */
  readonly recordings = new Recordings();
  /** The links leave the machine without TLS, so that there may be an attacker on the way. */
  exposed = false;
  readonly #clock: SimClock;
  readonly #random: Random;
  readonly #listeners: Listeners;
  readonly #transport: MemoryTransport;
  readonly #ends = new WeakMap<LinkPair, Connection>();
  readonly #fair: DirectionOptions;
  #weather: DirectionOptions;
  #dials: 'open' | 'refused' | 'swallowed' = 'open';
  #onNext: ((faults: LinkFaults) => void)[] = [];
  #dialed: Connection | undefined;
  #attacker: Attacker | undefined;
  #accept: (link: Link) => void = () => {};

  constructor(clock: SimClock, random: Random, fair: DirectionOptions, listeners: Listeners) {
    this.#clock = clock;
    this.#random = random;
    this.#fair = fair;
    this.#weather = fair;
    this.#listeners = listeners;
    const jitter = random.fork('jitter');
    this.#transport = memoryTransport({
      scheduler: { now: () => clock.now, wallSeconds: () => 0, after: (ms, run) => clock.after(ms, run) },
      random: jitter.next,
    });
    this.#transport.onPair = (pair) => this.#opened(pair);
    void this.#transport.listen((link) => this.#accept(link));
  }

  /** Connections with an open end. */
  get open(): number {
    return this.#transport.pairs.size;
  }

  /** Does a living process keep a connection whose other end is gone? */
  get leadsNowhere(): boolean {
    return [...this.#transport.pairs].some((pair) => {
      const ends = this.#ends.get(pair);
      return ends?.client.alive === false || ends?.server.alive === false;
    });
  }

  /** The newest connection with an open end. */
  get newest(): LinkFaults | undefined {
    return [...this.#transport.pairs].at(-1)?.faults;
  }

  /** Who may stand on the way of the newest connection; does nothing by itself. */
  get attacker(): Attacker | undefined {
    return this.#attacker;
  }

  /** Bytes that any end of an open connection has accepted and not sent. */
  get buffered(): number {
    let most = 0;
    for (const { client, server } of this.#transport.pairs) {
      most = Math.max(most, client.bufferedBytes, server.bufferedBytes);
    }
    return most;
  }

  dialer(process: SimProcess): Dialer {
    return ({ signal }) =>
      new Promise((resolve, reject) => {
        if (this.#dials === 'swallowed') return;
        process.later(this.#random.next() * dialTime, () => {
          const listeners = [...this.#listeners];
          if (this.#dials === 'refused' || listeners.length === 0) {
            return reject(new TransportError('E_DIAL_REFUSED', 'nobody answers'));
          }
          const { process: server, accept } = this.#random.pick(listeners);
          const ends = { client: process, server, reading: new Reading(this.#clock) };
          const attacker = new Attacker(this.recordings.opened(ends, (by) => this.onFooled(by)));
          const enters = (link: Link, receiver: SimProcess, direction: Direction, pausing = link.pausing) =>
            processLink(
              link,
              receiver,
              (end, events) => attacker.between(end, direction, events),
              !this.exposed,
              pausing,
            );
          this.#attacker = attacker;
          this.#dialed = ends;
          this.#accept = (link) =>
            server.enter(() => accept(enters(link, server, 'up', ends.reading.watch(link.pausing))));
          this.#transport.dial({ signal }).then((link) => resolve(enters(link, process, 'down')), reject);
        });
      });
  }

  setDials(dials: 'open' | 'refused' | 'swallowed'): void {
    this.#dials = dials;
  }

  /** From now on, also for what is open; without an argument as at first. */
  setWeather(weather: DirectionOptions = this.#fair): void {
    this.#weather = weather;
    for (const { faults } of this.#transport.pairs) {
      faults.up.set(weather);
      faults.down.set(weather);
    }
  }

  /** Does something to the next connection as soon as it is open. */
  harmNext(harm: (faults: LinkFaults) => void): void {
    this.#onNext.push(harm);
  }

  /** Nothing goes wrong from here on. */
  heal(): void {
    this.#onNext = [];
    this.#dials = 'open';
    this.setWeather();
    for (const pair of [...this.#transport.pairs]) {
      const ends = this.#ends.get(pair);
      // A machine that is gone stays silent: the other end has to find out by itself.
      if (ends?.client.alive === false) pair.client.terminate();
      else pair.faults.up.heal();
      if (ends?.server.alive === false) pair.server.terminate();
      else pair.faults.down.heal();
    }
  }

  /** The process is gone: the system closes its ends, or the machine is gone too and nobody says anything. */
  lose(process: SimProcess, silent: boolean): void {
    for (const pair of [...this.#transport.pairs]) {
      const ends = this.#ends.get(pair);
      if (ends?.client !== process && ends?.server !== process) continue;
      const own = ends.client === process ? pair.client : pair.server;
      if (silent) {
        pair.faults.up.stall();
        pair.faults.down.stall();
        if (ends.client === process) this.#expectEnd(pair, ends);
      }
      own.terminate();
    }
  }

  #expectEnd(pair: LinkPair, { server, reading }: Connection): void {
    const lostAt = this.#clock.now;
    const look = (): void => {
      if (!this.#transport.pairs.has(pair) || !server.alive || server.thawsAt > lostAt) return;
      const { now } = this.#clock;
      const left = (reading.since ?? now) + longestSilence - now;
      if (left > 0) this.#clock.after(left, look);
      else this.onForgotten(server, lostAt);
    };
    this.#clock.after(longestSilence, look);
  }

  #opened(pair: LinkPair): void {
    if (this.#dialed !== undefined) this.#ends.set(pair, this.#dialed);
    pair.faults.up.set(this.#weather);
    pair.faults.down.set(this.#weather);
    this.#onNext.shift()?.(pair.faults);
  }
}

/** Where a server process listens. */
export function listenAmong(listeners: Listeners, process: SimProcess): Listen {
  return async (accept) => {
    const listening = { process, accept };
    listeners.add(listening);
    process.onKill(() => listeners.delete(listening));
    return {
      url: `sim:${process.name}`,
      async close() {
        listeners.delete(listening);
      },
    };
  };
}
