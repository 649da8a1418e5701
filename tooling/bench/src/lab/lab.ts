import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientCalls, ClientsPlan } from '../programs/observed-clients.js';
import type { ServerCalls, ServerPlan } from '../programs/observed-server.js';
import { makeKeys } from './keys.js';
import { type Calls, LabProcess, type ProcessOptions } from './process.js';
import { StallingProxy } from './stalling-proxy.js';

export type ServerProcess = LabProcess<ServerCalls>;
export type ClientProcess = LabProcess<ClientCalls>;

export interface LabOptions extends Pick<ProcessOptions, 'node' | 'profiles'> {
  /** How many different keys the clients have; where there are fewer than clients, some share one. */
  readonly keys: number;
}

/** Real processes, folders and proxies of one benchmark; all of them end with it. */
export class Lab {
  readonly keys: number;
  readonly #everywhere: ProcessOptions;
  readonly #processes: { kill(): Promise<void> }[] = [];
  readonly #proxies: StallingProxy[] = [];
  readonly #folders: string[] = [];

  constructor({ keys, ...everywhere }: LabOptions) {
    this.keys = keys;
    this.#everywhere = everywhere;
  }

  /** Any program, in a process of its own. */
  program<C extends Calls>(name: string, options: ProcessOptions = {}): LabProcess<C> {
    const process = new LabProcess<C>(name, { ...this.#everywhere, ...options });
    this.#processes.push(process);
    return process;
  }

  /** A server in a process of its own, with no more file descriptors than said. */
  async server(
    plan: Omit<ServerPlan, 'keys'>,
    descriptors?: number,
  ): Promise<{ readonly server: ServerProcess; readonly url: string }> {
    await makeKeys(Math.min(this.keys, plan.clients));
    const server: ServerProcess = this.program(
      'observed-server',
      descriptors === undefined ? {} : { descriptors },
    );
    return { server, url: await server.call('start', { ...plan, keys: this.keys }) };
  }

  /** Clients in a process of their own, all of them live. */
  async clients(plan: Omit<ClientsPlan, 'keys'>): Promise<ClientProcess> {
    const clients: ClientProcess = this.program('observed-clients');
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
