import { type Server, serve } from '@sealwire/server';
import type { HardeningMode } from '@sealwire/session';
import { listenWebSocket } from '@sealwire/transport-ws';
import { clientIds, publicKeyOf, serverKey } from '../lab/keys.js';
import type { Trade } from '../lab/payload.js';
import { answerCalls } from '../lab/process.js';
import { type Pushed, type Pusher, PushLoop, type PushPlan } from '../lab/push-plan.js';
import { openStore, type StorePlan } from '../lab/store-plan.js';
import { tappedListen, untapped } from '../lab/tapped.js';
import { vitals } from '../lab/vitals.js';

export interface SealwirePlan {
  /** `c0` up to here, without it. */
  readonly clients: number;
  readonly keys: number;
  readonly store: StorePlan;
  readonly hardening: HardeningMode;
}

/** Messages that are published and not yet sent; then publishing waits. */
const mostWaiting = 8_192;

const loop = new PushLoop();
let server: Server<Trade> | undefined;
let ids: readonly string[] = [];
let waiting = 0;
let roomy: (() => void) | undefined;

function sent(frames: readonly Uint8Array[]): void {
  // A heartbeat, which goes alone and has one byte, was not published.
  if (frames.length > 1 || frames[0]?.length !== 1) waiting -= frames.length;
  if (waiting > mostWaiting / 2) return;
  roomy?.();
  roomy = undefined;
}

const calls = {
  ...vitals,
  async start(plan: SealwirePlan): Promise<string> {
    ids = clientIds(0, plan.clients);
    server = await serve<unknown, unknown, Trade>({
      listen: tappedListen(listenWebSocket({ port: 0 }), untapped, (frames, link) => {
        link.send(frames);
        sent(frames);
      }),
      serverKey: await serverKey(),
      clients: new Map(ids.map((id) => [id, { publicKey: publicKeyOf(id, plan.keys) }])),
      store: await openStore(plan.store),
      hardening: plan.hardening,
      // Keys are few, because making them takes long, and all clients come from one address.
      allowKeySharing: true,
      limits: { maxHandshakesPerAddress: 1_000 },
      onRequest: ({ payload }) => payload,
    });
    return server.urls[0] ?? '';
  },
  async push(plan: PushPlan): Promise<Pushed> {
    if (server === undefined) throw new Error('start the server first');
    const { publish } = server;
    const all = ids.slice(0, plan.clients);
    let kept: Promise<unknown> | undefined;
    const pusher: Pusher = {
      send(payload, client) {
        const to = client === undefined ? all : (ids[client] ?? '');
        waiting += client === undefined ? all.length : 1;
        kept = publish.call(server, to, payload);
      },
      room() {
        if (waiting <= mostWaiting) return undefined;
        return new Promise((resolve) => {
          roomy = resolve;
        });
      },
    };
    const pushed = await loop.run(plan, pusher);
    await kept;
    return pushed;
  },
};

export type SealwireServerCalls = typeof calls;

answerCalls(calls);
