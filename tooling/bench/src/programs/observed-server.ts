import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type Server, serve } from '@sealwire/server';
import type { HardeningMode } from '@sealwire/session';
import { memoryServerStore, type ServerStore } from '@sealwire/store';
import type { Link, Listen } from '@sealwire/transport';
import { listenWebSocket } from '@sealwire/transport-ws';
import { clientIds, publicKeyOf, serverKey } from '../lab/keys.js';
import { type Memory, MemoryWatch } from '../lab/memory.js';
import { answerCalls } from '../lab/process.js';
import { type Pace, Publisher } from '../lab/publisher.js';
import { type SlowStore, slowStore } from '../lab/slow-store.js';
import { openStore, type StorePlan } from '../lab/store-plan.js';
import { coalesced, forwarded, tappedListen } from '../lab/tapped.js';
import { block, now } from '../lab/time.js';

export interface ServerPlan {
  readonly port?: number;
  /** `c0` up to here, without it. */
  readonly clients: number;
  readonly keys: number;
  readonly store: StorePlan | { readonly kind: 'slow'; readonly flushMs: number };
  /** Default: the server's own. */
  readonly hardening?: HardeningMode;
  /** Frames that are taken as if one read had brought them. */
  readonly coalesce?: number;
  /** Look at all links every 20 ms, which takes CPU, to tell for how long nothing drained. Default false. */
  readonly watchesStalls?: boolean;
}

/** How a session ended. */
export interface Ended {
  readonly clientId: string;
  readonly code: number;
  readonly at: number;
  /** Milliseconds since it was opened. */
  readonly lived: number;
  /** Milliseconds since the link had last drained a byte, or had none to drain; if stalls are watched. */
  readonly stalledFor: number;
}

export interface ServerReport {
  readonly sessions: number;
  /** Bytes that wait in all links, and the most in one. */
  readonly buffered: number;
  readonly mostBuffered: number;
  readonly peak: Memory;
  /** Milliseconds of CPU, on all threads, since `begin`. */
  readonly cpu: number;
  /** The longest that the event loop was busy at one time, in milliseconds. */
  readonly longestTurn: number;
  readonly ended: readonly Ended[];
  /** Handshakes that were turned away, by the limit that was reached or the close code. */
  readonly refused: Readonly<Record<string, number>>;
  /** Messages that were handled, and how many of them out of order. */
  readonly handled: number;
  readonly disordered: number;
  readonly slow: Pick<SlowStore, 'mostWaiting' | 'longest'> | undefined;
}

const watch = new MemoryWatch();
const turns = monitorEventLoopDelay({ resolution: 10 });
turns.enable();
const links = new Map<Link, { level: number; progressAt: number }>();
const ended: Ended[] = [];
const openedAt = new Map<string, number>();
const refused: Record<string, number> = {};
let handled = 0;
let disordered = 0;
let server: Server | undefined;
let publisher: Publisher | undefined;
let slow: SlowStore | undefined;
let pacing: { stopped: boolean; readonly done: Promise<number> } | undefined;

async function openPlanned({ store: plan }: ServerPlan): Promise<ServerStore> {
  if (plan.kind !== 'slow') return openStore(plan);
  slow = slowStore(memoryServerStore(), plan.flushMs);
  return slow;
}

/** Knows all links, and how long ago each drained something. */
function watchLinks(listen: Listen, watchesStalls: boolean): Listen {
  if (watchesStalls) {
    setInterval(() => {
      for (const [link, seen] of links) look(link, seen);
    }, 20).unref();
  }
  return tappedListen(listen, (events, link) => {
    links.set(link, { level: 0, progressAt: now() });
    return {
      ...forwarded(events),
      close: (close) => {
        links.delete(link);
        events.close(close);
      },
    };
  });
}

function look(link: Link, seen: { level: number; progressAt: number }): void {
  const level = link.bufferedBytes;
  if (level === 0 || level < seen.level) seen.progressAt = now();
  seen.level = level;
}

/** The links are not named, so the one that stalls longest among those that are closing is meant. */
function longestStall(): number {
  let progressAt = now();
  for (const seen of links.values()) progressAt = Math.min(progressAt, seen.progressAt);
  return now() - progressAt;
}

function countRefused(why: string, count: number): void {
  refused[why] = (refused[why] ?? 0) + count;
}

const calls = {
  async start(plan: ServerPlan): Promise<string> {
    const store = await openPlanned(plan);
    publisher = new Publisher(store);
    const ids = clientIds(0, plan.clients);
    const listen = watchLinks(listenWebSocket({ port: plan.port ?? 0 }), plan.watchesStalls ?? false);
    const lastOf = new Map<string, bigint>();
    server = await serve({
      listen: plan.coalesce === undefined ? listen : tappedListen(listen, coalesced(plan.coalesce)),
      serverKey: await serverKey(),
      clients: new Map(ids.map((id) => [id, { publicKey: publicKeyOf(id, plan.keys) }])),
      store,
      ...(plan.hardening !== undefined && { hardening: plan.hardening }),
      // Keys are few, because making them takes long.
      allowKeySharing: true,
      // All clients of the lab come from one address.
      limits: { maxHandshakesPerAddress: 1_000 },
      failedHandshakes: { perSecondPerAddress: 500, burstPerAddress: 1_000 },
      onMessage({ clientId, sequence }, tx) {
        handled += 1;
        if (sequence !== (lastOf.get(clientId) ?? -1n) + 1n) disordered += 1;
        lastOf.set(clientId, sequence);
        tx.put(`last/${clientId}`, new Uint8Array(8));
      },
      onRequest: ({ payload }) => payload,
      onEvent(event) {
        const at = now();
        if (event.type === 'session-opened') openedAt.set(event.clientId, at);
        else if (event.type === 'session-closed') {
          const { clientId, code } = event;
          ended.push({
            clientId,
            code,
            at,
            lived: at - (openedAt.get(clientId) ?? at),
            stalledFor: longestStall(),
          });
        } else if (event.type === 'overloaded') countRefused(event.limit, event.count);
        else if (event.type === 'handshake-refused' && event.code !== 1013)
          countRefused(String(event.code), 1);
      },
    });
    return server.urls[0] ?? '';
  },
  async fill(ids: readonly string[], upTo: number, bytes: number): Promise<void> {
    await publisher?.fill(ids, upTo, bytes);
  },
  beginPace(pace: Pace): void {
    if (publisher === undefined) throw new Error('start the server first');
    const state = { stopped: false };
    pacing = Object.assign(state, { done: publisher.pace(pace, () => state.stopped) });
  },
  /** How many messages were published. */
  async endPace(): Promise<number> {
    if (pacing === undefined) return 0;
    pacing.stopped = true;
    return await pacing.done;
  },
  block: (ms: number): void => block(ms),
  /** Collects garbage, and begins to look for the highest memory and the longest turn. */
  begin(): Memory {
    turns.reset();
    return watch.begin();
  },
  report(): ServerReport {
    const levels = [...links.keys()].map((link) => link.bufferedBytes);
    return {
      sessions: server?.sessions.count ?? 0,
      buffered: levels.reduce((sum, level) => sum + level, 0),
      mostBuffered: Math.max(0, ...levels),
      peak: watch.peak,
      cpu: watch.cpu,
      longestTurn: turns.max / 1e6,
      ended,
      refused,
      handled,
      disordered,
      slow: slow && { mostWaiting: slow.mostWaiting, longest: slow.longest },
    };
  },
  async stop(): Promise<void> {
    const { store } = server ?? {};
    await server?.close();
    await store?.close();
  },
};

export type ServerCalls = typeof calls;

answerCalls(calls);
