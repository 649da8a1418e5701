import type { KeyPair } from '@sealwire/crypto';
import { memoryServerStore } from '@sealwire/store';
import { type MemoryOptions, type MemoryTransport, memoryTransport } from '@sealwire/transport';
import { type VirtualClock, virtualClock } from '@sealwire/transport/testkit';
import { onTestFinished } from 'vitest';
import { type ServeOptions, type Server, type ServerEvent, serve } from '../src/index.js';
import { keyPair } from './keys.js';
import { Peer, type PeerOptions } from './peer.js';

/** Short enough for tests, long enough for a busy machine. */
const refusal = 5;

export interface World {
  readonly server: Server;
  readonly transport: MemoryTransport;
  readonly serverKey: KeyPair;
  readonly events: ServerEvent[];
  /** The first event of this type, now or when it comes. */
  event<T extends ServerEvent['type']>(type: T): Promise<Extract<ServerEvent, { type: T }>>;
  /** Dials; resolves when the proof is out. */
  dial(options?: Partial<PeerOptions>): Promise<Peer>;
  /** Dials; resolves when the server was heard. */
  connect(options?: Partial<PeerOptions>): Promise<Peer>;
}

export type WorldOptions = Partial<ServeOptions> & { readonly link?: MemoryOptions };

/** A server in memory with the clients `alice` and `bob`, closed at the end of the test. */
export async function world({ link = {}, ...options }: WorldOptions = {}): Promise<World> {
  const [serverKey, alice, bob] = await Promise.all([keyPair('server'), keyPair('alice'), keyPair('bob')]);
  const transport = memoryTransport({ closeTimeout: 100, ...link });
  const events: ServerEvent[] = [];
  let waiting: (() => void)[] = [];
  const server = await serve({
    listen: transport.listen,
    serverKey: serverKey.privateKey,
    clients: new Map([
      ['alice', { publicKey: alice.publicKey }],
      ['bob', { publicKey: bob.publicKey }],
    ]),
    store: memoryServerStore(),
    ...options,
    deadlines: { refusal, ...options.deadlines },
    onEvent(event) {
      events.push(event);
      const told = waiting;
      waiting = [];
      for (const resolve of told) resolve();
      options.onEvent?.(event);
    },
  });
  onTestFinished(() => server.close());
  const dial = (given: Partial<PeerOptions> = {}) =>
    Peer.dial({
      dial: transport.dial,
      serverKey: serverKey.publicKey,
      clientId: 'alice',
      key: given.clientId === 'bob' ? bob : alice,
      ...given,
    });
  return {
    server,
    transport,
    serverKey,
    events,
    async event<T extends ServerEvent['type']>(type: T) {
      const matches = (event: ServerEvent): event is Extract<ServerEvent, { type: T }> => event.type === type;
      for (;;) {
        const found = events.find(matches);
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    dial,
    async connect(given) {
      const peer = await dial(given);
      await peer.until(() => peer.live);
      return peer;
    },
  };
}

/** No time passes but that which a test lets pass, until it is over. */
export async function virtualWorld(
  options: WorldOptions = {},
): Promise<World & { readonly clock: VirtualClock }> {
  const clock = virtualClock();
  let step = 0;
  const running = setInterval(() => clock.advance(step), 1);
  onTestFinished(() => clearInterval(running));
  const made = await world({ ...options, scheduler: clock, link: { scheduler: clock, ...options.link } });
  onTestFinished(() => {
    step = 100;
  });
  return { ...made, clock };
}

/** Time enough for what nothing holds back: RSA, and several turns of the event loop. */
export async function settle(): Promise<void> {
  await keyPair('bob');
  for (let n = 0; n < 5; n++) await new Promise<void>((resolve) => setImmediate(resolve));
}
