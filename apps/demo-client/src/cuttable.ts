import type { dialWebSocket } from '@sealwire/transport-ws';

type Dialer = ReturnType<typeof dialWebSocket>;
type Link = Awaited<ReturnType<Dialer>>;

export interface CuttableDialer {
  readonly dial: Dialer;
  /** Ends the newest link without a word, as a broken network does. */
  cut(): void;
}

/** Remembers the newest link that a dialer opened. */
export function cuttable(dial: Dialer): CuttableDialer {
  let newest: Link | undefined;
  return {
    async dial(options) {
      newest = await dial(options);
      return newest;
    },
    cut() {
      newest?.terminate();
    },
  };
}
