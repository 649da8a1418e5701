import { type Server, serve } from '@sealwire/server';
import type { HardeningMode } from '@sealwire/session';
import type { Link } from '@sealwire/transport';
import { listenWebSocket } from '@sealwire/transport-ws';
import { clientIds, publicKeyOf, serverKey } from '../lab/keys.js';
import { patience } from '../lab/patience.js';
import type { Trade } from '../lab/payload.js';
import { answerCalls } from '../lab/process.js';
import { type Pushed, type Pusher, PushLoop, type PushPlan } from '../lab/push-plan.js';
import { openStore, type StorePlan } from '../lab/store-plan.js';
import { tappedListen, untapped } from '../lab/tapped.js';
import { now } from '../lab/time.js';
import { vitals } from '../lab/vitals.js';

export interface SealwirePlan {
  readonly clients: number;
  /** `c0` without it, `c7` for 7. */
  readonly firstClient?: number;
  readonly keys: number;
  readonly store: StorePlan;
  readonly hardening: HardeningMode;
  /** Messages that are published and not yet sent; beyond it publishing waits. Default 8,192. */
  readonly mostWaiting?: number;
  /** What is sent is counted, for pushes. Default true; it takes memory and time for each link. */
  readonly counted?: boolean;
}

/** Of the messages that were handled since it was asked for. */
export interface Handled {
  readonly firstAt: number;
  readonly lastAt: number;
}

const loop = new PushLoop();
let server: Server<Trade> | undefined;
let ids: readonly string[] = [];
let mostWaiting = 8_192;
let waiting = 0;
let roomy: (() => void) | undefined;

function countSent(frames: readonly Uint8Array[], link: Link): void {
  link.send(frames);
  // A heartbeat, which goes alone and has one byte, was not published.
  if (frames.length > 1 || frames[0]?.length !== 1) waiting -= frames.length;
  if (waiting > mostWaiting / 2) return;
  roomy?.();
  roomy = undefined;
}

let handled = 0;
let firstAt: number | undefined;
let awaited: { readonly count: number; resolve(handled: Handled): void } | undefined;

function handle(): void {
  firstAt ??= now();
  handled += 1;
  settle();
}

function settle(): void {
  if (awaited === undefined || handled < awaited.count) return;
  const lastAt = now();
  awaited.resolve({ firstAt: firstAt ?? lastAt, lastAt });
  awaited = undefined;
}

const calls = {
  ...vitals,
  async start(plan: SealwirePlan): Promise<string> {
    ids = clientIds(plan.firstClient ?? 0, plan.clients);
    mostWaiting = plan.mostWaiting ?? mostWaiting;
    const listen = listenWebSocket({ port: 0 });
    server = await serve<unknown, unknown, Trade>({
      listen: plan.counted === false ? listen : tappedListen(listen, untapped, countSent),
      serverKey: await serverKey(),
      clients: new Map(ids.map((id) => [id, { publicKey: publicKeyOf(id, plan.keys) }])),
      store: await openStore(plan.store),
      hardening: plan.hardening,
      deadlines: { pong: patience },
      stallTimeout: patience,
      // Keys are few, because making them takes long, and all clients come from one address.
      allowKeySharing: true,
      limits: { maxHandshakesPerAddress: 1_000 },
      // Handshakes are measured with few clients.
      loginRate: false,
      onMessage: handle,
      onRequest: ({ payload }) => payload,
    });
    return server.urls[0] ?? '';
  },
  async push(plan: PushPlan): Promise<Pushed> {
    if (server === undefined) throw new Error('start the server first');
    const running = server;
    const all = ids.slice(0, plan.clients);
    let kept: Promise<unknown> | undefined;
    const pusher: Pusher = {
      send(payload, client) {
        const to = client === undefined ? all : (ids[client] ?? '');
        waiting += client === undefined ? all.length : 1;
        kept = running.publish(to, payload);
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
  /** Resolves when so many messages have been handled since the process began. */
  handled(count: number): Promise<Handled> {
    firstAt = undefined;
    return new Promise((resolve) => {
      awaited = { count, resolve };
      settle();
    });
  },
};

export type SealwireServerCalls = typeof calls;

answerCalls(calls);
