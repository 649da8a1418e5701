import type { LinkFaults } from '@sealwire/transport';
import type { World } from '../world/world.js';
import type { Fault } from './plan.js';

type Of<Kind extends Fault['kind']> = Extract<Fault, { kind: Kind }>;
type Causes = { readonly [Kind in Fault['kind']]: (world: World, fault: Of<Kind>) => void };

const causes: Causes = {
  cut: (world, { client }) => newest(world, client)?.cut(),
  'cut-bytes': (world, { client, direction, bytes }) =>
    newest(world, client)?.[direction].cutAfterBytes(bytes),
  'cut-handshake': (world, { client, direction, bytes }) =>
    world.clients[client]?.network.harmNext((faults) => faults[direction].cutAfterBytes(bytes)),
  'late-proof': (world, { client, delay, node, freeze }) => {
    const app = world.clients[client];
    app?.network.harmNext((faults) => faults.up.set({ delay, jitter: 0 }));
    app?.reconnect();
    world.clock.after(delay * 1.5, () => {
      if (freeze > 0) world.servers[node]?.process?.freeze(freeze);
      app?.reconnect();
    });
  },
  'half-close': (world, { client, direction }) => newest(world, client)?.[direction].halfClose(),
  stall: (world, { client, direction, ms, heals }) => {
    const faults = newest(world, client);
    if (faults === undefined) return;
    if (direction !== 'down') faults.up.stall();
    if (direction !== 'up') faults.down.stall();
    world.clock.after(ms, () => {
      if (!heals) return faults.cut();
      faults.up.heal();
      faults.down.heal();
    });
  },
  meddle: (world, { client, direction, how }) => {
    world.meddled = true;
    world.clients[client]?.network.attacker?.meddle(direction, how);
  },
  'forge-close': (world, { client, code }) => {
    world.meddled = true;
    world.clients[client]?.network.attacker?.forgeClose(code);
  },
  'replay-handshake': (world, { client, message }) => {
    const app = world.clients[client];
    app?.network.recordings.replayNext(message);
    app?.reconnect();
  },
  weather: (world, { client, ms, options }) => {
    const network = world.clients[client]?.network;
    network?.setWeather(options);
    world.clock.after(ms, () => network?.setWeather());
  },
  'refuse-dials': (world, { client, ms }) => dials(world, client, ms, 'refused'),
  'swallow-dials': (world, { client, ms }) => dials(world, client, ms, 'swallowed'),
  reconnect: (world, { client }) => world.clients[client]?.reconnect(),
  'server-crash': (world, { node, ms, silent }) => {
    const server = world.servers[node];
    server?.crash(silent);
    world.clock.after(ms, () => server?.start());
  },
  'server-drain': (world, { node, ms }) => {
    const server = world.servers[node];
    server?.drain(() => world.clock.after(ms, () => server.start()));
  },
  'rolling-restart': (world, { ms }) => {
    const restart = (index: number): void => {
      const server = world.servers[index];
      server?.drain(() =>
        world.clock.after(ms, () => {
          server.start();
          restart(index + 1);
        }),
      );
    };
    restart(0);
  },
  'store-partition': (world, { node, ms }) => {
    const way = world.servers[node]?.wayToStore;
    world.partitionedUntil = Math.max(world.partitionedUntil, world.clock.now + ms);
    way?.cut();
    world.clock.after(ms, () => way?.heal());
  },
  'server-stall': (world, { node, ms }) => world.servers[node]?.process?.freeze(ms),
  'client-crash': (world, { client, ms, silent }) => {
    const app = world.clients[client];
    app?.crash(silent);
    world.clock.after(ms, () => app?.start());
  },
  'crash-at-message': (world, { client, ms }) => {
    const app = world.clients[client];
    app?.ambush(() => {
      app.crash(false);
      world.clock.after(ms, () => app.start());
    });
  },
  'client-close': (world, { client, ms }) => {
    const app = world.clients[client];
    app?.close(() => world.clock.after(ms, () => app.start()));
  },
  'client-stall': (world, { client, ms }) => world.clients[client]?.current?.process.freeze(ms),
  takeover: (world, { client }) => world.clients[client]?.takeOver(),
  'wall-jump': (world, { seconds }) => world.clock.jumpWall(seconds),
  'clock-skew': (world, { node, seconds }) => {
    const process = world.servers[node]?.process;
    if (process !== undefined) process.wallSkew = seconds;
  },
  retention: (world, { keep }) => world.database.retain(keep),
  'disk-slow': (world, { factor, ms }) => {
    world.database.disk.slowDown(factor);
    world.clock.after(ms, () => world.database.disk.slowDown(1));
  },
  'disk-crawl': (world, { flush, ms }) => {
    const { clock, database, options } = world;
    world.crawlsUntil = Math.max(world.crawlsUntil, clock.now + ms + 3 * flush);
    database.disk.slowDown(flush / options.serverDisk.flush);
    clock.after(ms, () => database.disk.slowDown(1));
  },
  'disk-fail': (world, { count }) => {
    world.flushFailed = true;
    world.database.disk.failNext(count);
  },
  'disk-full': (world, { ms }) => {
    world.flushFailed = true;
    world.database.disk.fill(true);
    world.clock.after(ms, () => world.database.disk.fill(false));
  },
  'client-disk-slow': (world, { client, factor, ms }) => {
    const disk = world.clients[client]?.disk.disk;
    disk?.slowDown(factor);
    world.clock.after(ms, () => disk?.slowDown(1));
  },
  'client-disk-fail': (world, { client }) => world.clients[client]?.failDisk(),
  'slow-reader': (world, { client, each, ms }) => {
    const app = world.clients[client];
    if (app === undefined) return;
    app.pace = () => each;
    world.clock.after(ms, () => {
      app.pace = () => 0;
    });
  },
};

/** Makes something go wrong. */
export function cause(world: World, fault: Fault): void {
  const { at, ...rest } = fault;
  world.journal.note(`fault: ${JSON.stringify(rest)}`);
  disturb(world, fault);
  (causes[fault.kind] as (world: World, fault: Fault) => void)(world, fault);
}

/** After these faults, for their time and some more, a client may take its server for silent. */
const disturbing: ReadonlySet<Fault['kind']> = new Set([
  'half-close',
  'stall',
  'meddle',
  'weather',
  'late-proof',
  'server-crash',
  'server-stall',
  // In a handshake a server says nothing before the store has answered.
  'store-partition',
  'client-stall',
] as const);
const aftermath = 15_000;

function disturb(world: World, fault: Fault): void {
  if (!disturbing.has(fault.kind)) return;
  const lasts = lastsFor(fault);
  for (const app of world.clients) {
    app.disturbedUntil = Math.max(app.disturbedUntil, world.clock.now + lasts + aftermath);
  }
}

function lastsFor(fault: Fault): number {
  if (fault.kind === 'late-proof') return 3 * fault.delay + fault.freeze;
  // Until a client has asked for a sealed frame and given up.
  if (fault.kind === 'meddle') return 15_000;
  return 'ms' in fault ? fault.ms : 0;
}

/** Nothing goes wrong from here on, and everybody is there. */
export function heal(world: World): void {
  world.journal.note('the faults end');
  world.calm = true;
  world.database.disk.repair();
  for (const server of world.servers) {
    server.wayToStore.heal();
    server.start();
  }
  for (const client of world.clients) {
    client.disk.disk.repair();
    client.pace = () => 0;
    client.ambush(undefined);
    client.network.heal();
    client.start();
  }
}

function newest(world: World, client: number): LinkFaults | undefined {
  return world.clients[client]?.network.newest;
}

function dials(world: World, client: number, ms: number, how: 'refused' | 'swallowed'): void {
  const network = world.clients[client]?.network;
  network?.setDials(how);
  world.clock.after(ms, () => network?.setDials('open'));
}
