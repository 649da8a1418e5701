import { type MemoryOptions, type MemoryTransport, memoryTransport } from '@sealwire/transport';
import { type VirtualClock, virtualClock } from '@sealwire/transport/testkit';
import { type Client, type ConnectOptions, connect } from '../src/index.js';
import type { Keys } from './keys.js';
import { ScriptedServer, type ServerScript } from './scripted-server.js';
import { outcomeOf } from './until.js';

export interface World {
  readonly transport: MemoryTransport;
  readonly server: ScriptedServer;
  readonly client: Client;
}

export interface VirtualWorld extends World {
  readonly clock: VirtualClock;
}

/** A server and the options that lead a client to it. */
export async function meet(
  keys: Keys,
  script: ServerScript = {},
  memory: MemoryOptions = {},
): Promise<{
  readonly transport: MemoryTransport;
  readonly server: ScriptedServer;
  readonly options: ConnectOptions;
}> {
  const transport = memoryTransport(memory);
  const server = new ScriptedServer(keys, script);
  await server.listen(transport);
  const options = {
    dial: transport.dial,
    clientId: 'alice',
    clientKey: keys.client.privateKey,
    serverKey: keys.server.publicKey,
    reconnect: { max: 20 },
  };
  return { transport, server, options };
}

/** Connected, on the clock of the platform. */
export async function connected(
  keys: Keys,
  script: ServerScript = {},
  options: Partial<ConnectOptions> = {},
  memory: MemoryOptions = {},
): Promise<World> {
  const { transport, server, options: base } = await meet(keys, script, memory);
  const client = await connect({ ...base, ...options });
  return { transport, server, client };
}

/** Connected, on a clock that only the test moves; every random number is `random`. */
export async function connectedVirtually(
  keys: Keys,
  script: ServerScript = {},
  options: Partial<ConnectOptions> = {},
  memory: MemoryOptions = {},
): Promise<VirtualWorld> {
  const clock = virtualClock();
  const {
    transport,
    server,
    options: base,
  } = await meet(keys, { scheduler: clock, ...script }, { scheduler: clock, ...memory });
  const connecting = connect({ ...base, reconnect: {}, scheduler: clock, random: () => 0.5, ...options });
  const client = await outcomeOf(connecting, clock);
  return { transport, server, client, clock };
}

/** Dials links that leave the machine in the clear. */
export function overPlainLinks({ dial }: Pick<MemoryTransport, 'dial'>): MemoryTransport['dial'] {
  return async (options) =>
    new Proxy(await dial(options), {
      get: (target, name) => {
        if (name === 'local') return false;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
}

/** The error with which a promise rejects; fails if it does not. */
export async function rejection(
  promise: Promise<unknown>,
): Promise<{ readonly code?: unknown; readonly [key: string]: unknown }> {
  try {
    await promise;
  } catch (error) {
    return error as { readonly [key: string]: unknown };
  }
  throw new Error('the promise resolved');
}
