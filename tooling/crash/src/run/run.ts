import { setTimeout as sleep } from 'node:timers/promises';
import { type Program, stopPrograms } from '@sealwire/test-support';
import { type Random, seededRandom } from '@sealwire/testing';
import type { Violation } from '../check/violation.js';
import { now } from '../records.js';
import type { RunOptions } from './options.js';
import { clientDeath, type Death, nameOf, serverDeath, weather } from './plan.js';
import { longestRecovery, recoveries } from './recovery.js';
import { Stage } from './stage.js';
import { Tally } from './tally.js';

/** Shorter than the defaults, so that a dead link costs a run less time. */
const deadlines = { heartbeat: 300, silence: 1_500, ping: 600, pong: 1_500 };
/** Milliseconds that a program may take until it works; on a busy machine everything takes long. */
const longestWait = 30_000;
/** A step that has not come so long after that is not waited for. */
const stepWait = 2_500;
/** Every so many servers the database is looked at, before retention removes more than a process adds. */
const lookEvery = 4;

export interface RunResult {
  readonly violations: readonly Violation[];
  readonly stage: Stage;
  readonly serverDeaths: Tally;
  readonly clientDeaths: Tally;
  readonly weather: Tally;
  /** Milliseconds from a server that listens again to the first confirmation that a client had of it. */
  readonly recoveries: readonly number[];
}

/** Kills as planned, and checks. The stage is the caller's to close. */
export async function run(options: RunOptions, tell: (line: string) => void): Promise<RunResult> {
  const stage = await Stage.open(Array.from({ length: options.clients }, (_, index) => `client-${index}`));
  const run = new Run(stage, options, tell);
  try {
    await run.all();
    const { serverDeaths, clientDeaths, weather, diedAt } = run;
    const violations = await stage.check();
    const clients = stage.clientIds.map((id) => stage.clientRecords(id));
    const measured = recoveries(stage.serverRecords(), clients, diedAt, longestRecovery);
    return {
      ...{ stage, violations, serverDeaths, clientDeaths, weather },
      recoveries: [...measured.values()],
    };
  } catch (error) {
    tell(`the folder is kept: ${stage.folder}`);
    throw error;
  } finally {
    await stopPrograms();
  }
}

class Run {
  readonly serverDeaths = new Tally();
  readonly clientDeaths = new Tally();
  readonly weather = new Tally();
  /** When each server was gone, by boot. */
  readonly diedAt = new Map<number, number>();
  readonly #stage: Stage;
  readonly #options: RunOptions;
  readonly #tell: (line: string) => void;
  readonly #random: Random;
  #ended = false;

  constructor(stage: Stage, options: RunOptions, tell: (line: string) => void) {
    this.#stage = stage;
    this.#options = options;
    this.#tell = tell;
    this.#random = seededRandom(options.seed);
  }

  async all(): Promise<void> {
    const { client, clients } = this.#options;
    const storm = this.#storm(this.#random.fork('weather'));
    const lives = this.#stage.clientIds.map((id, index) =>
      // The kills are dealt out to the clients.
      this.#clientLives(id, Math.floor((client + index) / clients), this.#random.fork(id)),
    );
    const servers = this.#serverLives(this.#random.fork('server'));
    const [server, ...last] = await Promise.all([servers, ...lives]).finally(() => {
      this.#ended = true;
    });
    await storm;
    await this.#stage.finish(server, last);
  }

  async #serverLives(random: Random): Promise<Program> {
    const config = { store: { maxEntriesPerClient: this.#options.keep }, deadlines };
    for (let killed = 0; killed < this.#options.server; killed += 1) {
      const death = serverDeath(random);
      const dieAt = death.kind === 'step' ? death.dieAt : undefined;
      const server = await this.#stage.startServer({ ...config, dieAt });
      this.serverDeaths.add(await this.#end(server, death, 'working'));
      this.diedAt.set(this.#stage.serverBoots, now());
      if (killed % lookEvery === lookEvery - 1) await this.#stage.look();
      if (killed % 25 === 24) this.#tell(`${killed + 1} servers killed`);
    }
    return this.#stage.startServer(config);
  }

  async #clientLives(id: string, kills: number, random: Random): Promise<readonly [string, Program]> {
    // One of them sends as fast as there is room, with little of it.
    const config = { deadlines, ...(id === 'client-0' ? { sendEvery: 4, outbox: 24 } : {}) };
    for (let killed = 0; killed < kills; killed += 1) {
      const death = clientDeath(random);
      const dieAt = death.kind === 'step' ? death.dieAt : undefined;
      const client = this.#stage.startClient(id, { ...config, dieAt });
      this.clientDeaths.add(await this.#end(client, death, 'connected'));
    }
    // Its lines are read at the end only.
    return [id, this.#stage.startClient(id, config, { maxLines: 1_000_000 })];
  }

  /** Lets a program live as long as it may, and says how it came to its end. */
  async #end(program: Program, death: Death, works: string): Promise<string> {
    const { exited, lines } = program;
    const said = lines.find((line) => line === works || undefined, longestWait).catch(() => undefined);
    void said.then(() => lines.discard());
    const pause = (ms: number) => sleep(ms, 'late' as const, { ref: false });
    if (death.kind !== 'early') await Promise.race([said, exited]);
    if (death.kind === 'drain') program.kill('SIGTERM');
    const late = await Promise.race([exited, pause(death.kind === 'step' ? stepWait : death.after)]);
    program.kill('SIGKILL');
    const { code, signal } = await exited;
    if (death.kind === 'drain' && code === 0) return 'drained';
    if (signal !== 'SIGKILL') {
      throw new Error(`a program ended with ${code ?? signal} before it was killed: ${program.complaints()}`);
    }
    return death.kind === 'step' && late === 'late' ? 'step not reached' : nameOf(death);
  }

  async #storm(random: Random): Promise<void> {
    while (!this.#ended) {
      const next = weather(random);
      await sleep(next.after);
      const { links } = this.#stage.proxy;
      if (links.length === 0 || this.#ended) continue;
      const link = random.pick(links);
      this.weather.add(next.kind);
      if (next.kind === 'cut') link.cut(next.how);
      if (next.kind === 'cutAfter') link.cutAfter(next.bytes, next.way);
      if (next.kind === 'halfClose') link.halfClose(next.way);
      if (next.kind === 'stall') {
        link.stall(next.way);
        await sleep(next.for);
        link.heal(next.way);
      }
    }
  }
}
