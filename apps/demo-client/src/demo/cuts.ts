import type { FaultLink, FaultProxy, Way } from '@sealwire/test-support';

/** When to cut the link, and how. `reset`: with a TCP reset, else with an end of the stream, both without a word. */
export type PlannedCut =
  /**
   * As soon as at least one byte is on its way to the server and `least` bytes are to the client. Of the oldest chunk
   * each way this `share` still arrives.
   */
  | { readonly kind: 'traffic'; readonly reset: boolean; readonly least: number; readonly share: number }
  /** When the first connection after the cut before this one has carried this many bytes in this direction. */
  | { readonly kind: 'handshake'; readonly reset: boolean; readonly way: Way; readonly bytes: number };

/** What a cut did. */
export interface Cut {
  readonly planned: PlannedCut;
  /** Bytes that one side had sent and the other never got. */
  readonly thrownAway: Readonly<Record<Way, number>>;
}

const ways = ['toServer', 'toClient'] as const;

/** Cuts the links of a proxy as planned, one after the other. */
export class Cutter {
  readonly #proxy: FaultProxy;
  readonly #onCut: (cut: Cut) => void;
  /** Links up to this number were there when the last cut happened. */
  #oldLinks = 0;

  constructor(proxy: FaultProxy, onCut: (cut: Cut) => void) {
    this.#proxy = proxy;
    this.#onCut = onCut;
  }

  arm(planned: PlannedCut): void {
    this.#proxy.arm((link) => {
      if (!this.#release(planned, link)) return false;
      const thrownAway = { toServer: link.held('toServer'), toClient: link.held('toClient') };
      link.cut(planned.reset ? 'reset' : 'end');
      this.#oldLinks = this.#proxy.opened;
      this.#onCut({ planned, thrownAway });
      return true;
    });
  }

  /** Lets out what shall still arrive, if the moment has come. */
  #release(planned: PlannedCut, link: FaultLink): boolean {
    if (planned.kind === 'traffic') {
      if (link.held('toServer') === 0 || link.held('toClient') < planned.least) return false;
      for (const way of ways) link.release(way, Math.floor(link.oldestLength(way) * planned.share));
      return true;
    }
    const { way, bytes } = planned;
    if (link.number <= this.#oldLinks || link.delivered(way) + link.held(way) < bytes) return false;
    link.release(way, bytes - link.delivered(way));
    return true;
  }
}
