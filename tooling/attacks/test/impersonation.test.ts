import { memoryClientState } from '@sealwire/store';
import { describe, expect, test } from 'vitest';
import { playServer } from './toolkit/false-server.js';
import { markedChallenge } from './toolkit/forge.js';
import { hardened, off } from './toolkit/modes.js';
import type { Attack } from './toolkit/road.js';
import { until, World } from './toolkit/world.js';

const lie = [7n, 'you were paid'] as const;

describe('impersonating the server [S85, S33]', () => {
  test('off: the application believes what the attacker says', async () => {
    const world = await World.open(off);
    world.attack = playServer({}, lie);
    const client = await world.connect();
    await until(() => world.received.length > 0);
    expect(world.received).toEqual([lie]);
    await client.close();
    expect((await world.state.load()).savedOrder).toBe(7n);
  });

  const lies = [
    ['a plain challenge', () => ({}), 'E_UNHARDENED'],
    ['a challenge with the mark', () => ({ dataToSign: markedChallenge(3) }), 'E_TAG'],
  ] as const;
  test.each(hardened.flatMap((mode) => lies.map((lie) => [mode.name, ...lie, mode] as const)))(
    '%s: %s is not signed',
    async (_, _lie, welcome, code, mode) => {
      const world = await World.open(mode);
      world.attack = playServer(welcome(), lie);
      const connecting = world.connect();
      await until(() => world.clientFaults.length > 1);
      expect(new Set(world.clientFaults)).toEqual(new Set([code]));
      expect(world.roads.flatMap(({ seen }) => seen).filter(({ kind }) => kind === 'proof')).toEqual([]);
      world.attack = {};
      expect((await connecting).state).toMatchObject({ kind: 'live', hardening: 'hardened' });
      expect(world.received).toEqual([]);
    },
  );
});

/** Plays an earlier session to the client again. */
function playBack(frames: readonly Uint8Array[]): Attack {
  const [welcome, ...rest] = frames;
  return {
    toServer: ({ kind }, road) => {
      if (kind === 'hello' && welcome !== undefined) road.toClient(welcome);
      if (kind === 'proof') road.toClient(...rest);
      return [];
    },
    toClient: () => [],
  };
}

describe('playing a recorded session back [S85]', () => {
  const recorded = async (world: World) => {
    const client = await world.connect();
    await world.server.publish(['alice'], 'the price is 5');
    await until(() => world.received.length === 1);
    await client.close();
    const fromServer = new Set(['welcome', 'heartbeat', 'sealed']);
    return world.road.seen.filter(({ kind }) => fromServer.has(kind)).map(({ bytes }) => bytes);
  };

  test('off: a program that was started anew takes it for the present', async () => {
    const world = await World.open(off);
    const frames = await recorded(world);
    world.attack = playBack(frames);
    await world.connect({ state: memoryClientState() });
    await until(() => world.received.length === 2);
    expect(world.received[1]).toEqual(world.received[0]);
  });

  test.each(hardened)('$name: the old tag does not fit the new hello', async (mode) => {
    const world = await World.open(mode);
    const frames = await recorded(world);
    world.restart();
    world.states = [];
    world.attack = playBack(frames);
    const connecting = world.connect();
    await until(() => world.clientFaults.length > 1);
    expect(new Set(world.clientFaults)).toEqual(new Set(['E_TAG']));
    world.attack = {};
    await connecting;
    expect(world.received).toHaveLength(1);
  });
});
