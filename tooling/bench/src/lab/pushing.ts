import type { SealwireClientsCalls, SealwireClientsPlan } from '../programs/sealwire-clients.js';
import type { SealwirePlan, SealwireServerCalls } from '../programs/sealwire-server.js';
import type { SocketIoClientsCalls } from '../programs/socket-io-clients.js';
import type { SocketIoServerCalls } from '../programs/socket-io-server.js';
import type { WsClientsCalls } from '../programs/ws-clients.js';
import type { WsServerCalls } from '../programs/ws-server.js';
import { clientIds, makeKeys } from './keys.js';
import type { Lab } from './lab.js';
import type { RunPace } from './pace.js';
import type { Calls, LabProcess } from './process.js';
import type { Pushed, PushPlan } from './push-plan.js';

/** A server and its clients, connected, each in a process of its own. */
export interface Pair<S extends Calls = PushingServer, C extends Calls = ReceivingClients> {
  readonly url: string;
  readonly server: LabProcess<S>;
  readonly clients: LabProcess<C>;
  end(): Promise<void>;
}

type PushingServer = { cpu(): number; push(plan: PushPlan): Promise<Pushed> };
type ReceivingClients = { cpu(): number; arrival(): Promise<number> };

/** A message. */
export type PushSample = {
  /** A second. */
  readonly rate: number;
  /** Microseconds of CPU. */
  readonly serverCpu: number;
  readonly clientCpu: number;
};

export interface SealwirePairPlan
  extends Omit<SealwirePlan, 'keys'>,
    Pick<SealwireClientsPlan, 'checkpoint'> {
  /** Clients that the server knows, where not all of them connect at first. */
  readonly known?: number;
}

export async function sealwirePair(
  lab: Lab,
  { clients: count, known = count, ...plan }: SealwirePairPlan,
): Promise<Pair<SealwireServerCalls, SealwireClientsCalls>> {
  const { keys } = lab;
  const { firstClient = 0, hardening, checkpoint = true } = plan;
  await makeKeys(Math.min(keys, firstClient + known));
  const server = lab.program<SealwireServerCalls>('sealwire-server');
  const clients = lab.program<SealwireClientsCalls>('sealwire-clients');
  const url = await server.call('start', { ...plan, clients: known, keys });
  await clients.call('open', { url, ids: clientIds(firstClient, count), keys, hardening, checkpoint });
  return pair(url, server, clients);
}

export async function wsPair(lab: Lab, count: number): Promise<Pair<WsServerCalls, WsClientsCalls>> {
  const server = lab.program<WsServerCalls>('ws-server');
  const clients = lab.program<WsClientsCalls>('ws-clients');
  const url = await server.call('start');
  await clients.call('open', url, count);
  return pair(url, server, clients);
}

export async function socketIoPair(lab: Lab): Promise<Pair<SocketIoServerCalls, SocketIoClientsCalls>> {
  const server = lab.program<SocketIoServerCalls>('socket-io-server');
  const clients = lab.program<SocketIoClientsCalls>('socket-io-clients');
  const url = await server.call('start');
  await clients.call('open', url);
  return pair(url, server, clients);
}

function pair<S extends Calls, C extends Calls>(
  url: string,
  server: LabProcess<S>,
  clients: LabProcess<C>,
): Pair<S, C> {
  const end = async () => {
    await Promise.all([server.kill(), clients.kill()]);
  };
  return { url, server, clients, end };
}

/** Pushes until everything has arrived, once to warm up and once to measure; then the pair is gone. */
export async function pushThrough(
  opening: Promise<Pair>,
  plan: Omit<PushPlan, 'ms' | 'least'>,
  { warmMs, warmMessages, ms }: RunPace,
): Promise<PushSample> {
  const both = await opening;
  await pushOnce(both, { ...plan, ms: warmMs, least: warmMessages });
  const sample = await pushOnce(both, { ...plan, ms });
  await both.end();
  return sample;
}

async function pushOnce({ server, clients }: Pair, plan: PushPlan): Promise<PushSample> {
  const cpu = async () => [await server.call('cpu'), await clients.call('cpu')] as const;
  const before = await cpu();
  const [{ count, beganAt }, endedAt] = await Promise.all([
    server.call('push', plan),
    clients.call('arrival'),
  ]);
  const after = await cpu();
  return {
    rate: count / ((endedAt - beganAt) / 1_000),
    serverCpu: (1_000 * (after[0] - before[0])) / count,
    clientCpu: (1_000 * (after[1] - before[1])) / count,
  };
}
