import { type Random, seededRandom } from '@sealwire/testing';
import { type FaultGroup, faultGroups, makeFault, replayHandshake, storePartition } from './make-fault.js';
import type { Act, Fault, Plan, Work, WorldOptions } from './plan.js';

export interface PlanSize {
  /** Messages of the clients together, and messages to them together. */
  readonly messages: number;
  /** Faults that end a link; others come on top. */
  readonly reconnects: number;
  /** Groups of faults that take part. */
  readonly kinds: number;
  readonly crypto: 'stub' | 'real';
}

export const defaultSize: PlanSize = { messages: 200, reconnects: 5, kinds: 3, crypto: 'stub' };

/** More than any plan publishes. */
const unbounded = 100_000;

/** One seed, one plan. */
export function makePlan(seed: number, size: PlanSize = defaultSize): Plan {
  const random = seededRandom(`plan ${seed}`);
  const world = makeWorld(random.fork('world'), size);
  return {
    seed,
    world,
    work: makeWork(random.fork('work'), world, size),
    faults: makeFaults(random.fork('faults'), world, size),
  };
}

function makeWorld(random: Random, size: PlanSize): WorldOptions {
  const quick = random.chance(0.5);
  return {
    clients: random.pick([1, 1, 2, 3]),
    nodes: random.chance(0.3) ? 2 : 1,
    checkpoint: random.chance(0.7),
    crypto: size.crypto,
    horizon: random.between(6_000, 30_000),
    rsa: random.pick([0.5, 5, 40]),
    serverDisk: { flush: random.pick([1, 10, 80]), tell: random.pick([0, 5, 50]) },
    clientDisk: { flush: random.pick([0.5, 5, 60]), tell: random.pick([0, 5]) },
    network: {
      delay: random.pick([0, 2, 40, 300]),
      jitter: random.pick([0, 10, 200]),
      window: random.pick([600, 4_000, 262_144]),
      batching: random.pick(['kept', 'split']),
    },
    orderStep: random.pick([1, 1, 3]),
    maxEntries: random.chance(0.1) ? random.between(10, 60) : unbounded,
    maxOutbox: random.pick([8, 64, 4_096]),
    maxInbox: random.pick([16, 64, 1_024]),
    backOff: quick ? 200 : random.pick([500, 2_000]),
    handlerTimeout: 4_000,
    // Last, so that the seeds of before keep their plans but for this.
    hardened: random.chance(0.5),
    maxRefusals: random.chance(0.2) ? random.between(0, 2) : unbounded,
  };
}

const acts: readonly Act[] = ['accept', 'accept', 'accept', 'accept', 'accept', 'accept', 'slow'];

function makeWork(random: Random, world: WorldOptions, { messages }: PlanSize): readonly Work[] {
  const work: Work[] = [];
  const at = (): number => random.next() * world.horizon;
  const client = (): number => random.between(0, world.clients - 1);
  const someClients = (): readonly number[] =>
    random.chance(0.2) ? Array.from({ length: world.clients }, (_, index) => index) : [client()];
  let published = 0;
  // Bursts, because what overlaps is what goes wrong.
  for (let left = messages; left > 0; ) {
    const size = Math.min(left, random.pick([1, 3, 10, 40]));
    // Some at once: then what comes first has to become durable while they wait.
    const start = random.chance(0.15) ? 0 : at();
    const from = client();
    for (let index = 0; index < size; index++) {
      const act = random.chance(0.01) ? 'refuse' : random.chance(0.006) ? 'fail' : random.pick(acts);
      const to = published < messages && random.chance(0.6) ? someClients() : [];
      published += to.length;
      work.push({
        at: start + index * random.pick([0, 0, 1, 20]),
        kind: 'send',
        client: from,
        n: 0,
        act,
        ms: random.chance(0.01) ? 6_000 : random.next() * random.pick([60, 60, 1_000]),
        times: random.between(1, 3),
        to,
      });
    }
    left -= size;
  }
  for (let id = 0; published < messages; id++) {
    const to = someClients();
    published += to.length;
    work.push({ at: at(), kind: 'publish', id, to });
  }
  for (let id = 0; id < messages / 10; id++) {
    work.push({
      at: at(),
      kind: 'call',
      client: client(),
      id,
      idempotent: random.chance(0.5),
      ms: random.chance(0.5) ? 0 : random.next() * 300,
    });
  }
  for (let index = 0; index < 2; index++) work.push({ at: at(), kind: 'flush', client: client() });
  return numbered(work.sort((one, other) => one.at - other.at));
}

function numbered(work: readonly Work[]): readonly Work[] {
  let n = 0;
  return work.map((item) => (item.kind === 'send' ? { ...item, n: n++ } : item));
}

function firstCrash(random: Random, world: WorldOptions): Fault {
  const client = random.between(0, world.clients - 1);
  return { at: 0, kind: 'crash-at-message', client, ms: random.next() * world.horizon };
}

function makeFaults(random: Random, world: WorldOptions, { reconnects, kinds }: PlanSize): readonly Fault[] {
  const groups: FaultGroup[] = ['network'];
  const others = faultGroups.filter((group) => group !== 'network');
  while (groups.length < kinds) {
    const group = random.pick(others);
    if (!groups.includes(group)) groups.push(group);
  }
  const faults: Fault[] = [];
  for (let index = 0; index < reconnects; index++) faults.push(makeFault('reconnecting', random, world));
  // Whoever dies over its first message, and stays away while it is removed, must be told.
  if (world.maxEntries < unbounded) faults.push(firstCrash(random.fork('first crash'), world));
  // Too rare by chance alone: a store that nodes share, and one of them cut off from it while it has work.
  const partition = random.fork('partition');
  if (world.nodes > 1 && partition.chance(0.7)) faults.push(storePartition(partition, world));
  // Of a fork, so that the seeds of before keep their plans but for this. Three in a row would rightly stop a client.
  const replays = random.fork('replays');
  if (replays.chance(0.3)) {
    for (let left = replays.between(1, 2); left > 0; left--) faults.push(replayHandshake(replays, world));
  }
  const more = random.between(kinds, 2 * kinds);
  for (let index = 0; index < more; index++) {
    faults.push(makeFault(groups[index % groups.length] ?? 'network', random, world));
  }
  return faults.sort((one, other) => one.at - other.at);
}
