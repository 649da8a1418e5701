import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientCalls, ClientsPlan } from './client-program.js';
import { makeKeys } from './keys.js';
import { LabProcess } from './process.js';
import type { ServerCalls, ServerPlan } from './server-program.js';
import { StallingProxy } from './stalling-proxy.js';

export type ServerProcess = LabProcess<ServerCalls>;
export type ClientProcess = LabProcess<ClientCalls>;

/** Real processes, folders and proxies of one benchmark; all of them end with it. */
export class Lab {
  /** How many different keys the clients have; where there are fewer than clients, some share one. */
  readonly keys: number;
  readonly #processes: { kill(): Promise<void> }[] = [];
  readonly #proxies: StallingProxy[] = [];
  readonly #folders: string[] = [];

  constructor(keys: number) {
    this.keys = keys;
  }

  /** A server in a process of its own, with no more file descriptors than said. */
  async server(
    plan: Omit<ServerPlan, 'keys'>,
    descriptors?: number,
  ): Promise<{ readonly server: ServerProcess; readonly url: string }> {
    await makeKeys(Math.min(this.keys, plan.clients));
    const server: ServerProcess = new LabProcess('server-program', descriptors);
    this.#processes.push(server);
    return { server, url: await server.call('start', { ...plan, keys: this.keys }) };
  }

  /** Clients in a process of their own, all of them live. */
  async clients(plan: Omit<ClientsPlan, 'keys'>): Promise<ClientProcess> {
    const clients: ClientProcess = new LabProcess('client-program');
    this.#processes.push(clients);
    await this.connect(clients, plan);
    return clients;
  }

  /** More clients in the same process. */
  async connect(clients: ClientProcess, plan: Omit<ClientsPlan, 'keys'>): Promise<void> {
    await clients.call('open', { ...plan, keys: this.keys });
  }

  /** A way to `url` that can be stalled. */
  async proxy(url: string, delayMs = 0): Promise<StallingProxy> {
    const proxy = new StallingProxy(Number(new URL(url).port), delayMs);
    this.#proxies.push(proxy);
    await proxy.listen();
    return proxy;
  }

  folder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'sealwire-bench-'));
    this.#folders.push(folder);
    return folder;
  }

  async close(): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.kill()));
    for (const proxy of this.#proxies) proxy.close();
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
  }
}
