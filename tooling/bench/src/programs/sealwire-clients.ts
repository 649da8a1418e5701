import { type Client, type ConnectionState, connect } from '@sealwire/client';
import type { HardeningMode } from '@sealwire/session';
import { dialWebSocket } from '@sealwire/transport-ws';
import { Arrivals } from '../lab/arrivals.js';
import { clientKey, serverKey } from '../lab/keys.js';
import { inLanes } from '../lab/lanes.js';
import type { Trade } from '../lab/payload.js';
import { answerCalls } from '../lab/process.js';
import { vitals } from '../lab/vitals.js';

export interface SealwireClientsPlan {
  readonly url: string;
  readonly ids: readonly string[];
  readonly keys: number;
  readonly hardening: HardeningMode;
}

const arrivals = new Arrivals();
const clients: Client<Trade>[] = [];

function watch(state: ConnectionState, hardening: HardeningMode): void {
  if (state.kind === 'stopped') arrivals.fail(state.error);
  else if (state.kind === 'waiting') arrivals.fail(state.cause);
  else if (state.kind === 'live' && (state.hardening === 'hardened') !== (hardening !== 'off'))
    arrivals.fail(new Error(`the session is ${state.hardening}, although hardening is ${hardening}`));
}

const calls = {
  ...vitals,
  /** Resolves when all are live. */
  async open({ url, ids, keys, hardening }: SealwireClientsPlan): Promise<void> {
    const server = (await serverKey()).publicKey;
    const dial = dialWebSocket(url);
    await inLanes(16, ids, async (clientId) => {
      const receive = arrivals.receiver();
      const client = await connect<Trade>({
        dial,
        clientId,
        clientKey: await clientKey(clientId, keys),
        serverKey: server,
        checkpoint: true,
        hardening,
        onMessage: ({ payload }) => receive(payload),
        onState: (state) => watch(state, hardening),
      });
      clients.push(client);
    });
  },
  /** When the last message of the next push came. */
  arrival: (): Promise<number> => arrivals.next(),
};

export type SealwireClientsCalls = typeof calls;

answerCalls(calls);
