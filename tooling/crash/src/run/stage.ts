import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  FaultProxy,
  type FaultProxyOptions,
  type Program,
  type ProgramOptions,
  startProgram,
} from '@sealwire/test-support';
import { check } from '../check/check.js';
import { readTruth, type Truth } from '../check/truth.js';
import type { Violation } from '../check/violation.js';
import { readJournals } from '../journal.js';
import type { ClientConfig } from '../programs/client-config.js';
import type { ServerConfig } from '../programs/server-config.js';
import type { ClientRecord, Position, ServerRecord } from '../records.js';

const programFile = (name: string) =>
  fileURLToPath(new URL(`../../dist/programs/${name}.js`, import.meta.url));
/** A busy machine starts a process slowly; a program that says nothing for so long is stuck. */
const patience = 60_000;

/** A folder with keys, journals and states, one server at a time behind a proxy, and clients. */
export class Stage {
  readonly folder: string;
  readonly data: string;
  readonly clientIds: readonly string[];
  readonly proxy: FaultProxy;
  /** What the database held when it was looked at between two servers. */
  #seen: Truth | undefined;
  #boots = 0;
  readonly #clientBoots = new Map<string, number>();

  static async open(
    clientIds: readonly string[],
    options: FaultProxyOptions = {},
    data?: string,
  ): Promise<Stage> {
    return new Stage(clientIds, await FaultProxy.open({ port: 9 }, options), data);
  }

  private constructor(clientIds: readonly string[], proxy: FaultProxy, data: string | undefined) {
    this.clientIds = clientIds;
    this.proxy = proxy;
    this.folder = mkdtempSync(join(tmpdir(), 'sealwire-crash-'));
    this.data = data ?? join(this.folder, 'data');
    for (const name of ['server', ...clientIds]) this.#writeKeys(name);
  }

  get serverBoots(): number {
    return this.#boots;
  }

  /** Starts a server; resolves when it listens, or has ended by the fate that it was given. */
  async startServer(config: Partial<ServerConfig> = {}, options: ProgramOptions = {}): Promise<Program> {
    this.#boots += 1;
    const { folder, data, clientIds } = this;
    const complete: ServerConfig = { boot: this.#boots, folder, data, clientIds, ...config };
    const server = startProgram(programFile('server'), [JSON.stringify(complete)], {
      timeout: patience,
      ...options,
    });
    try {
      const port = await server.lines.find((line) => /^listening (\d+)$/.exec(line)?.[1]);
      this.proxy.target = { port: Number(port) };
    } catch (error) {
      if ((await server.exited).signal !== 'SIGKILL') throw error;
    }
    return server;
  }

  startClient(id: string, config: Partial<ClientConfig> = {}, options: ProgramOptions = {}): Program {
    const name = config.name ?? id;
    const boot = (this.#clientBoots.get(name) ?? 0) + 1;
    this.#clientBoots.set(name, boot);
    const complete: ClientConfig = {
      ...{ boot, id, folder: this.folder, state: join(this.folder, `state-${name}`), port: this.proxy.port },
      others: this.clientIds.filter((other) => other !== id),
      ...config,
    };
    return startProgram(programFile('client'), [JSON.stringify(complete)], { timeout: patience, ...options });
  }

  /** Nothing new is sent; waits until everything has arrived, and ends all of them in order. */
  async finish(server: Program, clients: readonly (readonly [id: string, client: Program])[]): Promise<void> {
    await Promise.all(
      clients.map(async ([, client]) => {
        client.write('quiet');
        await client.lines.find((line) => line === 'flushed' || undefined, 2 * patience);
      }),
    );
    server.write('quiet');
    const heads = await this.heads(server);
    await Promise.all(
      clients.map(async ([id, client]) => {
        client.write(`until ${heads[id]?.head ?? 0}`);
        await client.lines.find((line) => line === 'done' || undefined);
        await client.exited;
      }),
    );
    server.kill('SIGTERM');
    await server.exited;
  }

  async heads(server: Program): Promise<Record<string, Position>> {
    server.write('heads');
    return JSON.parse(await server.lines.find((line) => /^heads (.*)$/.exec(line)?.[1]));
  }

  /** Between two servers: remembers what retention may remove later. */
  async look(): Promise<Truth> {
    this.#seen = await readTruth(this.data, this.clientIds, this.#seen);
    return this.#seen;
  }

  /** @param id or the name of its journals */
  clientRecords(id: string): ClientRecord[] {
    return readJournals<ClientRecord>(this.folder, id);
  }

  serverRecords(): ServerRecord[] {
    return readJournals<ServerRecord>(this.folder, 'server');
  }

  /** When all have ended. */
  async check(): Promise<readonly Violation[]> {
    const truth = await this.look();
    const clients = new Map(this.clientIds.map((id) => [id, this.clientRecords(id)]));
    return check({ clients, server: this.serverRecords(), truth });
  }

  async close(options: { readonly keep?: boolean } = {}): Promise<void> {
    await this.proxy.close();
    if (options.keep !== true) rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  #writeKeys(name: string): void {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    writeFileSync(join(this.folder, `${name}.pub`), publicKey);
    writeFileSync(join(this.folder, `${name}.key`), privateKey);
  }
}
