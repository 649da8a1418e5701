import { runUntil, type SimProcess } from '@sealwire/testing';
import { realKeys } from '../crypto/real-crypto.js';
import type { Violation } from '../oracle/violation.js';
import { cause, heal } from '../plan/cause.js';
import type { Plan } from '../plan/plan.js';
import { World } from '../world/world.js';

export interface SimulateOptions {
  /** Keep what happens as text. Default false. */
  readonly lines?: boolean;
}

export interface SimulationResult {
  readonly violation: Violation | undefined;
  /** Of everything that happened. */
  readonly hash: number;
  /** Virtual milliseconds, and events. */
  readonly lasted: number;
  readonly steps: number;
  /** What happened, where it was asked for. */
  readonly lines: readonly string[];
}

/** Everything has to settle within this virtual time after the last fault. */
const settleTime = 180_000;
/** Of virtual time: what waits for an outcome is pushed that often. */
const pushInterval = 3_000;
const maxTimers = 2_000;
/** A run takes some thousand steps. */
const maxSteps = 500_000;
const maxBuffered = 1_048_576;

/** Runs a plan: first with its faults, then without until everything has settled, then to its end. */
export async function simulate(plan: Plan, options: SimulateOptions = {}): Promise<SimulationResult> {
  const keys = plan.world.crypto === 'real' ? await realKeys() : undefined;
  const world = new World(plan, options.lines ?? false, keys);
  const surfaced = (error: unknown): void =>
    world.journal.violated('I7', `an error surfaced: ${String(error)}`);
  process.on('unhandledRejection', surfaced);
  const run = new Run(world);
  for (const server of world.servers) server.start();
  for (const client of world.clients) client.start();
  for (const work of plan.work) world.clock.after(work.at, () => doWork(world, work));
  for (const fault of plan.faults) world.clock.after(fault.at, () => cause(world, fault));
  await run.until(plan.world.horizon, () => false);
  heal(world);
  await settle(world, run);
  if (world.journal.violation === undefined) await end(world, run);
  // Rejections that nobody watches surface when Node has nothing else to do.
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', surfaced);
  const { journal, clock } = world;
  return {
    violation: journal.violation,
    hash: journal.hash,
    lasted: clock.now,
    steps: run.steps,
    lines: journal.lines ?? [],
  };
}

class Run {
  readonly #world: World;
  steps = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Goes on until the time is up, it is done, or an invariant is broken. */
  async until(end: number, done: () => boolean): Promise<void> {
    const { clock, journal } = this.#world;
    const over = (): boolean => journal.violation !== undefined || done();
    await runUntil(clock, end, over, () => this.#stepped());
  }

  #stepped(): Promise<void> | undefined {
    const { realWork } = this.#world;
    this.steps += 1;
    if (this.steps % 64 === 0) this.#checkBounds();
    return realWork.busy ? realWork.settled() : undefined;
  }

  #checkBounds(): void {
    const { clock, journal, networks } = this.#world;
    if (this.steps > maxSteps) journal.violated('I7', `no end after ${maxSteps} steps`);
    if (clock.waiting > maxTimers) journal.violated('I8', `${clock.waiting} timers wait`);
    for (const { buffered } of networks) {
      if (buffered > maxBuffered) journal.violated('I8', `a link buffers ${buffered} bytes`);
    }
  }
}

function doWork(world: World, work: Plan['work'][number]): void {
  if (work.kind === 'publish') {
    const running = world.servers.filter((server) => server.running);
    // Any of them: its messages reach clients of the others too.
    const server = running[work.id % running.length];
    server?.publish(work.to, work.id);
  } else {
    world.clients[work.client]?.do(work);
  }
}

async function settle(world: World, run: Run): Promise<void> {
  const { clock, clients, servers, journal } = world;
  const deadline = clock.now + settleTime;
  const stands = ({ process }: { readonly process: SimProcess | undefined }): boolean =>
    process !== undefined && process.thawsAt > clock.now;
  const settled = (): boolean =>
    clients.every(({ idle, current }) => idle && current !== undefined && !stands(current)) &&
    !servers.some(stands);
  while (journal.violation === undefined && !settled() && clock.now < deadline) {
    for (const client of clients) client.push();
    const next = Math.min(deadline, clock.now + pushInterval);
    clock.after(next - clock.now, () => {});
    await run.until(next, settled);
  }
  if (!settled()) {
    const waiting = clients.filter(({ idle }) => !idle).map((client) => client.describe());
    journal.violated('I7', `not settled ${settleTime} ms after the last fault: ${waiting.join('; ')}`);
  }
  for (const { sends } of clients) sends.finish();
}

async function end(world: World, run: Run): Promise<void> {
  const { clock, clients, servers, journal, networks } = world;
  world.over = true;
  let open = clients.length + servers.length;
  const over = (): void => {
    open -= 1;
  };
  for (const client of clients) client.close(over);
  await run.until(clock.now + 30_000, () => open === servers.length);
  for (const server of servers) server.drain(over);
  await run.until(clock.now + 30_000, () => open === 0);
  if (open > 0) journal.violated('I7', 'not everything closes');
  await run.until(clock.now + 60_000, () => false);
  if (clock.waiting > 0) journal.violated('I8', `${clock.waiting} timers are left at the end`);
  if (networks.some((network) => network.open > 0)) journal.violated('I8', 'links are left open at the end');
}
