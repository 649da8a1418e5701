import { networkOf } from '@sealwire/transport';
import {
  type FailedHandshakeLimits,
  FailedHandshakes,
  type FailedHandshakesLimit,
} from './failed-handshakes.js';
import { type Caller, shareOfStrangers } from './gate.js';
import { KnownNetworks } from './known-networks.js';

export interface AdmissionLimits {
  readonly maxHandshakes: number;
  readonly maxHandshakesPerAddress: number;
  readonly patienceWhenFull: number;
  readonly maxRememberedClients: number;
}

export type HandshakesLimit = 'maxHandshakes' | 'maxHandshakesPerAddress';

/** What a link has until it has proved who it is. */
export interface Pass {
  readonly caller: Caller;
  /** A hello came that costs an RSA operation: the limit because of which it may not. */
  exceeded(): FailedHandshakesLimit | undefined;
  /** The RSA operation begins: from here on a failure is charged. */
  charge(): void;
  /** Nothing goes on until the peer sends something, as at first; or something does. */
  waits(forPeer: boolean): void;
  /** The proof held: the link is none of those that have not proved who they are. */
  proved(clientId: string): void;
  /** The link ended; harmless after `proved` and when called twice. `blameless`: by no fault of the peer. */
  leave(blameless: boolean): void;
}

interface Visit {
  since: number;
  /** Ends the link, which leaves at once. */
  readonly makeRoom: (limit: HandshakesLimit) => void;
}

/** The links of one network. */
interface Share {
  count: number;
  /** Those that keep the server waiting, the longest first. */
  readonly waiting: Set<Visit>;
}

/**
 * Counts the links that have not proved who they are, and what comes of them. Where they are as many as may be, one that
 * keeps the server waiting makes room for a new one, that of its own network first, and a quarter of the places is not for
 * strangers: silent links of however many networks lock nobody out.
 */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #failures: FailedHandshakes | undefined;
  readonly #known: KnownNetworks;
  readonly #now: () => number;
  readonly #perNetwork = new Map<string, Share>();
  readonly #inside: Record<Caller, number> = { known: 0, stranger: 0 };
  /** The same in all. */
  readonly #waiting: Readonly<Record<Caller, Set<Visit>>> = { known: new Set(), stranger: new Set() };

  /** @param now milliseconds on a monotonic clock */
  constructor(limits: AdmissionLimits, failures: FailedHandshakeLimits | false, now: () => number) {
    this.#limits = limits;
    this.#failures = failures === false ? undefined : new FailedHandshakes(failures, now);
    this.#known = new KnownNetworks(limits.maxRememberedClients);
    this.#now = now;
  }

  /**
   * Lets a link in; or the name of the limit that is reached.
   *
   * @param makeRoom ends the link at once, because of that limit another one needs its place
   */
  enter(remoteAddress: string | undefined, makeRoom: Visit['makeRoom']): Pass | HandshakesLimit {
    const network = networkOf(remoteAddress);
    const caller = this.#known.has(network) ? 'known' : 'stranger';
    if (this.#isShareFull(network) && !this.#makeRoomInShare(network)) return 'maxHandshakesPerAddress';
    if (this.#isFull(caller) && !this.#makeRoom(caller)) return 'maxHandshakes';
    const share = this.#perNetwork.get(network) ?? { count: 0, waiting: new Set() };
    this.#perNetwork.set(network, share);
    share.count += 1;
    this.#inside[caller] += 1;
    const visit: Visit = { since: this.#now(), makeRoom };
    const lines = [this.#waiting[caller], share.waiting];
    const wait = () => {
      for (const line of lines) line.add(visit);
    };
    const waitNoLonger = () => {
      for (const line of lines) line.delete(visit);
    };
    wait();
    let inside = true;
    let charged = false;
    const leave = (): boolean => {
      if (!inside) return false;
      inside = false;
      waitNoLonger();
      this.#inside[caller] -= 1;
      share.count -= 1;
      if (share.count === 0) this.#perNetwork.delete(network);
      return true;
    };
    return {
      caller,
      exceeded: () => this.#failures?.exceeded(network, caller),
      charge: () => {
        charged = true;
      },
      waits: (forPeer) => {
        waitNoLonger();
        visit.since = this.#now();
        if (inside && forPeer) wait();
      },
      proved: (clientId) => {
        if (!leave()) return;
        this.#failures?.proved(network);
        this.#known.add(network, clientId);
      },
      leave: (blameless) => {
        if (leave() && charged && !blameless) this.#failures?.failed(network);
      },
    };
  }

  #isShareFull(network: string): boolean {
    return (this.#perNetwork.get(network)?.count ?? 0) >= this.#limits.maxHandshakesPerAddress;
  }

  #makeRoomInShare(network: string): boolean {
    const [visit] = this.#perNetwork.get(network)?.waiting ?? [];
    if (!this.#isOverdue(visit)) return false;
    visit.makeRoom('maxHandshakesPerAddress');
    return true;
  }

  #isFull(caller: Caller): boolean {
    const { maxHandshakes } = this.#limits;
    const { known, stranger } = this.#inside;
    if (known + stranger >= maxHandshakes) return true;
    return caller === 'stranger' && stranger >= shareOfStrangers(maxHandshakes);
  }

  /** Strangers make room for everybody, those that are known for each other. */
  #makeRoom(caller: Caller): boolean {
    const [stranger] = this.#waiting.stranger;
    const [known] = this.#waiting.known;
    const found = [stranger, caller === 'known' ? known : undefined].find((visit) => this.#isOverdue(visit));
    found?.makeRoom('maxHandshakes');
    return found !== undefined;
  }

  #isOverdue(visit: Visit | undefined): visit is Visit {
    return visit !== undefined && this.#now() - visit.since >= this.#limits.patienceWhenFull;
  }
}
