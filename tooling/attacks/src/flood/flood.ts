import { fileURLToPath } from 'node:url';
import { startProgram } from '@sealwire/test-support';
import { helloOf, logIn } from '../handshake.js';
import { aliceKey, publicKeys } from '../keys.js';
import type { RawClient } from '../raw-client.js';
import type { GarbageReport } from './garbage-program.js';
import { witnessId } from './names.js';
import type { ServerReport } from './server-program.js';

/** Clients that come and go: one alone would come more often than a server lets it in. */
const visitors = 8;

/** How often a server beats. */
const beat = 2_000;

export interface FloodOptions {
  readonly seconds: number;
  /** That the garbage comes from; addresses of 127.0.0.0/8 are one machine on Linux. */
  readonly addresses: number;
  /** Sessions that count their heartbeats. */
  readonly witnesses: number;
}

export interface FloodReport {
  readonly garbage: GarbageReport;
  readonly server: ServerReport;
  readonly beats: number;
  /** Milliseconds that the latest heartbeat was late. */
  readonly latestBeat: number;
  /** Milliseconds that the timers of this process were late, which has nothing to do: what the machine alone makes late. */
  readonly latestTimer: number;
  readonly lost: number;
  /** Milliseconds that each handshake of an honest client took that came meanwhile, from an address with a session. */
  readonly logins: readonly number[];
  /** Handshakes of honest clients that were turned away. */
  readonly turnedAway: number;
}

/** Sessions of the real server in a process of its own, while another one sends it garbage hellos as fast as it can. */
export async function flood({ seconds, addresses, witnesses }: FloodOptions): Promise<FloodReport> {
  const program = (name: string) => fileURLToPath(import.meta.resolve(`./${name}-program.js`));
  const patience = { timeout: 60_000 };
  await using server = startProgram(program('server'), [String(witnesses + visitors)], patience);
  const port = Number(await server.lines.next());
  const ask = async (): Promise<ServerReport> => {
    server.write('report');
    return JSON.parse(await server.lines.next());
  };

  const watched: Witness[] = [];
  for (let n = 0; n < witnesses; n++) watched.push(new Witness(await logInAs(port, n)));
  const timer = new TimerWatch();
  await ask();
  const args = [port, seconds, addresses].map(String);
  await using generator = startProgram(program('garbage'), args, { timeout: (seconds + 60) * 1_000 });
  const logins: number[] = [];
  let turnedAway = 0;
  let over = false;
  const done = generator.lines.next().then((line): GarbageReport => JSON.parse(line));
  const visits = (async () => {
    while (!over) {
      const begin = performance.now();
      try {
        const client = await logInAs(port, witnesses + ((logins.length + turnedAway) % visitors));
        logins.push(performance.now() - begin);
        client.destroy();
      } catch {
        turnedAway += 1;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  const garbage = await done.finally(() => {
    over = true;
  });
  await visits;
  const latestTimer = timer.stop();
  const report = await ask();
  const lost = watched.filter((witness) => witness.lost).length;
  for (const witness of watched) witness.stop();
  return {
    garbage,
    server: report,
    beats: watched.reduce((sum, witness) => sum + witness.beats, 0),
    latestBeat: Math.max(...watched.map((witness) => witness.latest)),
    latestTimer,
    lost,
    logins,
    turnedAway,
  };
}

async function logInAs(port: number, n: number): Promise<RawClient> {
  const { client } = await logIn(port, publicKeys.server, aliceKey, false, helloOf(witnessId(n)));
  return client;
}

/** A session, and when it heard of its server. */
class Witness {
  beats = 0;
  latest = 0;
  lost = false;
  #at = performance.now();
  #stopped = false;
  readonly #client: RawClient;

  constructor(client: RawClient) {
    this.#client = client;
    void this.#watch();
  }

  stop(): void {
    this.#stopped = true;
    this.#client.destroy();
  }

  async #watch(): Promise<void> {
    for (;;) {
      const frame = await this.#client.next();
      if (this.#stopped) return;
      if (frame === undefined) {
        this.lost = true;
        return;
      }
      if (frame.payload.length !== 1) continue;
      this.beats += 1;
      this.#judge();
    }
  }

  #judge(): void {
    const now = performance.now();
    this.latest = Math.max(this.latest, now - this.#at - beat);
    this.#at = now;
  }
}

/** How late timers are. */
class TimerWatch {
  #due = performance.now() + 20;
  #latest = 0;
  readonly #timer = setInterval(() => {
    const now = performance.now();
    this.#latest = Math.max(this.#latest, now - this.#due);
    this.#due = now + 20;
  }, 20);

  stop(): number {
    clearInterval(this.#timer);
    return this.#latest;
  }
}
