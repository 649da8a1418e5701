import { memoryClientState } from '@sealwire/store';
import { describe, expect, test } from 'vitest';
import { playServer } from './toolkit/false-server.js';
import { hardened, type Mode, off, trusting, unpinned } from './toolkit/modes.js';
import type { Attack } from './toolkit/road.js';
import { until, World } from './toolkit/world.js';

/** A client with one message that was never confirmed, which meets somebody who says that he has it, and that he sent much. */
async function meet(mode: Mode) {
  const world = await World.open(mode);
  const state = memoryClientState();
  const { pin } = await world.state.load();
  await state.append([{ index: 0n, json: new TextEncoder().encode('"pay"') }]);
  await state.save({ sequenceOffset: 0n, ...(pin === undefined ? {} : { pin }) });
  world.attack = playServer({ lastSeenSequence: 0n }, [41n, 'lie']);
  world.state = state;
  return { world, state, connecting: world.connect() };
}

describe('a false first contact [S85]', () => {
  test('off: the message is forgotten unsent, and the order saved', async () => {
    const { world, state, connecting } = await meet(off);
    const client = await connecting;
    await until(() => world.received.length === 1);
    await client.close();
    expect(await state.load()).toMatchObject({ savedOrder: 41n, outbox: [] });
    expect(world.orders).toEqual([]);
  });

  test(`${unpinned.name}: the application hears the lie, and no state moves`, async () => {
    const { world, state, connecting } = await meet(unpinned);
    const client = await connecting;
    expect(client.state).toMatchObject({ hardening: 'not-offered' });
    await until(() => world.received.length === 1);
    await client.close();
    expect(await state.load()).toMatchObject({ savedOrder: -1n, outbox: [{ index: 0n }] });
  });

  test.each(hardened)('$name: there is no contact, and the message arrives later', async (mode) => {
    const { world, state, connecting } = await meet(mode);
    await until(() => world.clientFaults.length > 1);
    expect(new Set(world.clientFaults)).toEqual(new Set(['E_UNHARDENED']));
    expect(await state.load()).toMatchObject({ savedOrder: -1n, outbox: [{ index: 0n }] });
    world.attack = {};
    await connecting;
    await until(() => world.orders.length === 1);
    expect(world.orders).toEqual(['pay']);
    expect(world.received).toEqual([]);
  });
});

/** A new client that meets a false server, and then the real one, which has two events for it. */
async function meetAndPart(mode: Mode, attack: Attack) {
  const world = await World.open(mode);
  world.attack = attack;
  const client = await world.connect();
  await until(() => world.received.length === 1);
  const sent = client.send('pay');
  if (mode.client.trustUnhardenedServer === true) await sent;
  await world.server.publish('alice', 'one');
  await world.server.publish('alice', 'two');
  const before = await world.state.load();
  world.attack = {};
  client.reconnect();
  return { world, client, sent, before };
}

describe('what a false first contact leaves for the time after it [S85]', () => {
  test.each([off, trusting])('$name: an event that is never heard', async (mode) => {
    const { world } = await meetAndPart(mode, playServer({}, [1n, 'lie']));
    await until(() => world.received.length === 2);
    expect(world.received).toEqual([
      [1n, 'lie'],
      [2n, 'two'],
    ]);
  });

  test.each([
    [off, -1n, 41n, 'E_AHEAD'],
    [trusting, -1n, 41n, 'E_AHEAD'],
    [off, 6n, 1n, 'E_DESYNC'],
    [trusting, 6n, 1n, 'E_DESYNC'],
  ] as const)(
    '$0.name: SEQUENCE $1 and ORDER $2 stop the client with $3',
    async (mode, lastSeenSequence, order, code) => {
      const { client } = await meetAndPart(mode, playServer({ lastSeenSequence }, [order, 'lie']));
      await until(() => client.state.kind === 'stopped');
      expect(client.state).toMatchObject({ error: { code } });
    },
  );

  test.each([
    [-1n, 1n],
    [-1n, 41n],
    [6n, 1n],
  ])(`${unpinned.name}: nothing, with SEQUENCE %s and ORDER %s`, async (lastSeenSequence, order) => {
    const { world, client, sent, before } = await meetAndPart(
      unpinned,
      playServer({ lastSeenSequence }, [order, 'lie']),
    );
    await until(() => world.orders.length === 1 && world.received.length === 3);
    expect(before).toMatchObject({ savedOrder: -1n, reservedOrder: -1n, sequenceOffset: undefined });
    expect(world.received.slice(1)).toEqual([
      [1n, 'one'],
      [2n, 'two'],
    ]);
    expect([world.orders, (await sent).sequence]).toEqual([['pay'], 0n]);
    expect(await (await sent).outcome).toEqual({ kind: 'accepted' });
    await client.close();
    expect(await world.state.load()).toMatchObject({ savedOrder: 2n, sequenceOffset: 0n, outbox: [] });
  });
});

describe('a false server that wants to stop a client for good [S85]', () => {
  const heartbeat = Uint8Array.of(0);
  const closeBehindProof = (code: number): Attack => ({
    toServer: async (frame, road) => {
      await playServer().toServer?.(frame, road);
      if (frame.kind === 'proof') {
        road.toClient(heartbeat);
        road.closeClient(code);
      }
      return [];
    },
  });
  const ways = [
    ['4000', () => closeBehindProof(4000), 'E_TAKEN_OVER'],
    ['4100', () => closeBehindProof(4100), 'E_HISTORY_GONE'],
    ['4101', () => closeBehindProof(4101), 'E_AHEAD'],
    ['an event that is no JSON', () => playServer({}, [1n, Uint8Array.of(0x7b)]), 'E_MESSAGE'],
  ] as const;

  test.each([off, trusting].flatMap((mode) => ways.map((way) => [mode.name, ...way, mode] as const)))(
    '%s: %s does',
    async (_, _way, attack, code, mode) => {
      const world = await World.open(mode);
      world.attack = attack();
      void world.connect().catch(() => {});
      await until(() => world.states.at(-1)?.kind === 'stopped');
      expect(world.states.at(-1)).toMatchObject({ error: { code } });
    },
  );

  test.each(ways)(`${unpinned.name}: %s does not`, async (_, attack) => {
    const world = await World.open(unpinned);
    world.attack = attack();
    const connecting = world.connect();
    await until(() => world.states.filter(({ kind }) => kind === 'waiting').length > 5);
    expect(world.states.filter(({ kind }) => kind === 'live').length).toBeGreaterThan(5);
    world.attack = {};
    const client = await connecting;
    await until(() => client.state.kind === 'live' && client.state.hardening === 'hardened');
    await world.server.publish('alice', 'one');
    await until(() => world.received.length === 1);
    expect(world.received).toEqual([[1n, 'one']]);
  });
});
