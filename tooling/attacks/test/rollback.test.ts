import type { Client } from '@sealwire/client';
import { describe, expect, test } from 'vitest';
import { playServer } from './toolkit/false-server.js';
import { hardened, off } from './toolkit/modes.js';
import { until, World } from './toolkit/world.js';

/** Tells the client that the server has none of what it sent. */
const rollBack = playServer({ lastSeenSequence: -1n });

/** Two messages that the server has, and of which the client knows it. */
async function send(world: World, client: Client): Promise<void> {
  for (const text of ['first', 'second']) await client.send(text);
  await until(() => world.orders.length === 2);
  const dials = world.roads.length;
  client.reconnect();
  await until(() => world.roads.length > dials && client.state.kind === 'live');
}

describe('rolling LAST SEEN SEQUENCE back [S85, S32]', () => {
  test('off: one welcome stops the client for good', async () => {
    const world = await World.open(off);
    const client = await world.connect();
    await send(world, client);
    world.attack = rollBack;
    client.reconnect();
    await until(() => client.state.kind === 'stopped');
    expect(client.state).toMatchObject({ error: { code: 'E_DESYNC' } });
  });

  test.each(hardened)('$name: the number is not looked at', async (mode) => {
    const world = await World.open(mode);
    const client = await world.connect();
    await send(world, client);
    world.states = [];
    world.attack = rollBack;
    client.reconnect();
    await until(() => world.clientFaults.includes('E_UNHARDENED'));
    world.attack = {};
    const third = await client.send('third');
    expect(third.sequence).toBe(2n);
    await until(() => world.orders.length === 3);
    expect(world.orders).toEqual(['first', 'second', 'third']);
  });
});
