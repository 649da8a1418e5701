import { monitorEventLoopDelay } from 'node:perf_hooks';
import { dialWebSocket } from '@sealwire/transport-ws';
import { clientKey, serverKey } from '../lab/keys.js';
import { type Memory, MemoryWatch } from '../lab/memory.js';
import { answerCalls } from '../lab/process.js';
import { percentile } from '../lab/sample.js';
import { Subject, type SubjectPlan } from '../lab/subject.js';
import { coalesced, tappedDialer } from '../lab/tapped.js';
import { block, until } from '../lab/time.js';

export interface ClientsPlan extends SubjectPlan {
  readonly url: string;
  readonly ids: readonly string[];
  readonly keys: number;
  /** Milliseconds without a byte after which a client leaves. */
  readonly silence?: number;
  /** Frames that are taken as if one read had brought them. */
  readonly coalesce?: number;
  /** How many connect at one time at first. Default 16. */
  readonly lanes?: number;
}

export interface ClientsReport {
  readonly clients: number;
  readonly live: number;
  readonly received: number;
  readonly holes: number;
  readonly wrong: number;
  readonly gone: number;
  readonly stopped: readonly string[];
  /** How often live sessions ended, by close code. */
  readonly lost: Readonly<Record<number, number>>;
  /** Of all clients, since `begin`. */
  readonly latency: {
    readonly count: number;
    readonly p50: number;
    readonly p99: number;
    readonly most: number;
  };
  readonly lateBeat: number;
  /** The longest that the event loop was busy at one time, in milliseconds. */
  readonly longestTurn: number;
  readonly lastLiveAt: number;
  readonly lastLostAt: number;
  readonly lastMessageAt: number;
  readonly peak: Memory;
  /** Milliseconds of CPU, on all threads, since `begin`. */
  readonly cpu: number;
}

const watch = new MemoryWatch();
const turns = monitorEventLoopDelay({ resolution: 10 });
turns.enable();
const subjects: Subject[] = [];

const calls = {
  /** Connects clients; resolves when all are live. */
  async open(plan: ClientsPlan): Promise<void> {
    const server = (await serverKey()).publicKey;
    const dial = dialWebSocket(plan.url);
    const ids = [...plan.ids];
    const lane = async () => {
      for (let id = ids.shift(); id !== undefined; id = ids.shift()) {
        const subject = new Subject(plan);
        subjects.push(subject);
        await subject.open({
          dial: plan.coalesce === undefined ? dial : tappedDialer(dial, coalesced(plan.coalesce)),
          clientId: id,
          clientKey: await clientKey(id, plan.keys),
          serverKey: server,
          checkpoint: true,
          ...(plan.silence !== undefined && { deadlines: { silence: plan.silence } }),
        });
      }
    };
    await Promise.all(Array.from({ length: plan.lanes ?? 16 }, lane));
  },
  /** Resolves with false if not all clients are live and have received that ORDER within so many milliseconds. */
  reach: (order: number, ms: number): Promise<boolean> =>
    until(() => subjects.every(({ last, live }) => live && last >= BigInt(order)), ms),
  /** Forgets latencies and heartbeats, collects garbage. */
  begin(): Memory {
    for (const subject of subjects) subject.begin();
    turns.reset();
    return watch.begin();
  },
  /** Each client sends so many; resolves with how many were accepted. */
  async send(count: number, bytes: number): Promise<number> {
    const accepted = await Promise.all(subjects.map((subject) => subject.send(count, bytes)));
    return accepted.reduce((sum, each) => sum + each, 0);
  },
  block: (ms: number): void => block(ms),
  report(): ClientsReport {
    const latencies = subjects.flatMap((subject) => subject.latencies);
    const lost: Record<number, number> = {};
    for (const subject of subjects) {
      for (const [code, times] of subject.lost) lost[code] = (lost[code] ?? 0) + times;
    }
    const sum = (of: (subject: Subject) => number) => subjects.reduce((total, each) => total + of(each), 0);
    const most = (of: (subject: Subject) => number) =>
      subjects.reduce((last, each) => Math.max(last, of(each)), 0);
    return {
      clients: subjects.length,
      live: subjects.filter(({ live }) => live).length,
      received: sum(({ received }) => received),
      holes: sum(({ holes }) => holes),
      wrong: sum(({ wrong }) => wrong),
      gone: sum(({ gone }) => gone),
      stopped: subjects.flatMap(({ stopped }) => stopped ?? []),
      lost,
      latency: {
        count: latencies.length,
        p50: percentile(latencies, 0.5),
        p99: percentile(latencies, 0.99),
        most: percentile(latencies, 1),
      },
      lateBeat: most(({ lateBeat }) => lateBeat),
      longestTurn: turns.max / 1e6,
      lastLiveAt: most(({ liveAt }) => liveAt),
      lastLostAt: most(({ lostAt }) => lostAt),
      lastMessageAt: most(({ messageAt }) => messageAt),
      peak: watch.peak,
      cpu: watch.cpu,
    };
  },
  async close(): Promise<void> {
    await Promise.all(subjects.splice(0).map((subject) => subject.close()));
  },
};

export type ClientCalls = typeof calls;

answerCalls(calls);
