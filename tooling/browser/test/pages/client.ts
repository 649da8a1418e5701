import { type Client, connect } from '@sealwire/client';
import { crypto } from '@sealwire/crypto';
import { openIndexedDbState } from '@sealwire/store-indexeddb';
import { dialWebSocket } from '@sealwire/transport-ws';

/** What the test gives a page before its module runs. Each resolves when Node has written it down. */
declare global {
  interface Window {
    handled(order: number, payload: unknown, possiblyHandled: boolean): Promise<void>;
    handedOver(n: number): Promise<void>;
    stopped(reason: string): Promise<void>;
    trader: typeof trader;
  }
}

export interface Plan {
  readonly url: string;
  readonly clientKey: string;
  readonly serverKey: string;
  /** Names the state; a page that opens the same one goes on with it. */
  readonly state: string;
  readonly checkpoint: boolean;
}

let client: Client;

/** An application in the page, for the Node process to use. */
const trader = {
  async start(plan: Plan): Promise<string> {
    client = await connect({
      dial: dialWebSocket(plan.url),
      clientId: 'alice',
      clientKey: await crypto.importPrivateKey(plan.clientKey),
      serverKey: await crypto.importPublicKey(plan.serverKey),
      state: await openIndexedDbState(plan.state),
      checkpoint: plan.checkpoint,
      reconnect: { first: 10, max: 100 },
      onMessage: ({ order, payload, possiblyHandled }) =>
        window.handled(Number(order), payload, possiblyHandled),
      onState: (state) => {
        if (state.kind === 'stopped') void window.stopped(String(state.error));
      },
    });
    const { state } = client;
    return state.kind === 'live' ? state.hardening : state.kind;
  },
  /** Sends numbered messages, all at once, and gives the kinds of outcomes. */
  async send(run: number, count: number): Promise<string[]> {
    const outcomes = Array.from({ length: count }, async (_, n) => {
      const { outcome } = await client.send({ run, n });
      await window.handedOver(n);
      return (await outcome).kind;
    });
    return [...new Set(await Promise.all(outcomes))];
  },
  call: (payload: unknown) => client.call(payload, { timeout: 30_000, idempotent: true }),
  flush: () => client.flush(),
  close: () => client.close(),
};

window.trader = trader;
document.title = 'ready';
