import type { Random } from '@sealwire/testing';
import type { Fault, WorldOptions } from './plan.js';

export const faultGroups = ['network', 'server', 'client', 'disk', 'clock', 'reader'] as const;
/** A kind of fault; `reconnecting` are those of all kinds that end a link. */
export type FaultGroup = (typeof faultGroups)[number] | 'reconnecting';

type Make = (random: Random, world: WorldOptions) => Fault;

/** The longest handshake message and some frames behind it. */
const bytes = (random: Random): number => random.pick([random.between(0, 400), random.between(0, 6_000)]);
const direction = (random: Random) => random.pick(['up', 'down'] as const);
const at = (random: Random, { horizon }: WorldOptions): number => random.next() * horizon;
const client = (random: Random, { clients }: WorldOptions): number => random.between(0, clients - 1);
const node = (random: Random, { nodes }: WorldOptions): number => random.between(0, nodes - 1);
const time = (random: Random): number => random.pick([50, 500, 3_000, 14_000]) * (0.5 + random.next());

const cut: Make = (random, world) => ({ at: at(random, world), kind: 'cut', client: client(random, world) });
const cutBytes: Make = (random, world) => ({
  at: at(random, world),
  kind: 'cut-bytes',
  client: client(random, world),
  direction: direction(random),
  bytes: bytes(random),
});
const cutHandshake: Make = (random, world) => ({
  at: at(random, world),
  kind: 'cut-handshake',
  client: client(random, world),
  direction: direction(random),
  bytes: bytes(random),
});
const lateProof: Make = (random, world) => ({
  at: at(random, world),
  kind: 'late-proof',
  client: client(random, world),
  delay: random.between(300, 2_000),
  node: node(random, world),
  freeze: random.chance(0.4) ? 14_000 : 0,
});
const halfClose: Make = (random, world) => ({
  at: at(random, world),
  kind: 'half-close',
  client: client(random, world),
  direction: direction(random),
});
const stall: Make = (random, world) => ({
  at: at(random, world),
  kind: 'stall',
  client: client(random, world),
  direction: random.pick(['up', 'down', 'both']),
  ms: random.pick([1_000, 6_000, 15_000]) * (0.5 + random.next()),
  heals: random.chance(0.6),
});
/** Without hardening whoever is on the way can do as he likes: then he cuts the link. */
const meddle: Make = (random, world) =>
  world.hardened
    ? {
        at: at(random, world),
        kind: 'meddle',
        client: client(random, world),
        direction: direction(random),
        how: random.pick(['alter', 'drop', 'repeat', 'hush']),
      }
    : cut(random, world);
const forgeClose: Make = (random, world) =>
  world.hardened
    ? {
        at: at(random, world),
        kind: 'forge-close',
        client: client(random, world),
        code: random.pick([1008, 4000, 4001, 4100, 4101]),
      }
    : cut(random, world);
export const replayHandshake: Make = (random, world) => ({
  at: at(random, world),
  kind: 'replay-handshake',
  client: client(random, world),
  message: random.pick(['hello', 'welcome']),
});
const weather: Make = (random, world) => ({
  at: at(random, world),
  kind: 'weather',
  client: client(random, world),
  ms: random.next() * 8_000,
  options: {
    delay: random.pick([0, 200, 1_000]),
    jitter: random.pick([0, 500]),
    window: random.pick([300, 262_144]),
    batching: random.pick(['kept', 'split']),
  },
});
const refuseDials: Make = (random, world) => ({
  at: at(random, world),
  kind: 'refuse-dials',
  client: client(random, world),
  ms: time(random),
});
const swallowDials: Make = (random, world) => ({
  at: at(random, world),
  kind: 'swallow-dials',
  client: client(random, world),
  ms: time(random),
});
const reconnect: Make = (random, world) => ({
  at: at(random, world),
  kind: 'reconnect',
  client: client(random, world),
});
const serverCrash: Make = (random, world) => ({
  at: at(random, world),
  kind: 'server-crash',
  node: node(random, world),
  ms: time(random),
  silent: random.chance(0.3),
});
const serverDrain: Make = (random, world) => ({
  at: at(random, world),
  kind: 'server-drain',
  node: node(random, world),
  ms: time(random),
});
const rollingRestart: Make = (random, world) => ({
  at: at(random, world),
  kind: 'rolling-restart',
  ms: time(random),
});
/** A store on the server's own machine is always there: then the server stands still instead. */
export const storePartition: Make = (random, world) =>
  world.nodes === 1
    ? serverStall(random, world)
    : { at: at(random, world), kind: 'store-partition', node: node(random, world), ms: time(random) };
const serverStall: Make = (random, world) => ({
  at: at(random, world),
  kind: 'server-stall',
  node: node(random, world),
  ms: random.pick([500, 2_000, 12_000, 60_000]),
});
const clientCrash: Make = (random, world) => ({
  at: at(random, world),
  kind: 'client-crash',
  client: client(random, world),
  ms: time(random),
  silent: random.chance(0.3),
});
const crashAtMessage: Make = (random, world) => ({
  at: at(random, world),
  kind: 'crash-at-message',
  client: client(random, world),
  ms: time(random),
});
const clientClose: Make = (random, world) => ({
  at: at(random, world),
  kind: 'client-close',
  client: client(random, world),
  ms: time(random),
});
const clientStall: Make = (random, world) => ({
  at: at(random, world),
  kind: 'client-stall',
  client: client(random, world),
  ms: random.pick([500, 2_000, 12_000, 60_000]),
});
const takeover: Make = (random, world) => ({
  at: at(random, world),
  kind: 'takeover',
  client: client(random, world),
});
const wallJump: Make = (random, world) => ({
  at: at(random, world),
  kind: 'wall-jump',
  seconds: random.pick([-3_600, 3_600, -315_360_000, 315_360_000]),
});
const clockSkew: Make = (random, world) => ({
  at: at(random, world),
  kind: 'clock-skew',
  node: node(random, world),
  seconds: random.pick([-300, 300]),
});
const retention: Make = (random, world) => ({
  at: at(random, world),
  kind: 'retention',
  keep: random.between(1, 30),
});
const diskSlow: Make = (random, world) => ({
  at: at(random, world),
  kind: 'disk-slow',
  factor: random.pick([5, 30]),
  ms: random.next() * 6_000,
});
const diskCrawl: Make = (random, world) => ({
  at: at(random, world),
  kind: 'disk-crawl',
  flush: 10_000,
  ms: random.between(5_000, 20_000),
});
const diskFail: Make = (random, world) => ({
  at: at(random, world),
  kind: 'disk-fail',
  count: random.between(1, 3),
});
const diskFull: Make = (random, world) => ({ at: at(random, world), kind: 'disk-full', ms: time(random) });
const clientDiskSlow: Make = (random, world) => ({
  at: at(random, world),
  kind: 'client-disk-slow',
  client: client(random, world),
  factor: random.pick([5, 30]),
  ms: random.next() * 6_000,
});
const clientDiskFail: Make = (random, world) => ({
  at: at(random, world),
  kind: 'client-disk-fail',
  client: client(random, world),
});
const slowReader: Make = (random, world) => ({
  at: at(random, world),
  kind: 'slow-reader',
  client: client(random, world),
  each: random.pick([20, 200, 1_500]),
  ms: random.next() * 8_000,
});

const makers: Readonly<Record<FaultGroup, readonly Make[]>> = {
  network: [
    cut,
    cutBytes,
    cutHandshake,
    lateProof,
    halfClose,
    stall,
    stall,
    meddle,
    meddle,
    forgeClose,
    weather,
    refuseDials,
    swallowDials,
  ],
  server: [serverCrash, serverCrash, serverDrain, rollingRestart, storePartition],
  client: [clientCrash, clientCrash, crashAtMessage, clientClose, takeover, reconnect],
  disk: [diskSlow, diskCrawl, diskFail, diskFull, retention, clientDiskSlow, clientDiskFail],
  clock: [serverStall, clientStall, wallJump, clockSkew],
  reader: [slowReader],
  reconnecting: [
    cut,
    cut,
    cutBytes,
    cutBytes,
    cutHandshake,
    reconnect,
    lateProof,
    stall,
    serverCrash,
    clientCrash,
    takeover,
  ],
};

export function makeFault(group: FaultGroup, random: Random, world: WorldOptions): Fault {
  return random.pick(makers[group])(random, world);
}
