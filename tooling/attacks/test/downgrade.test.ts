import { describe, expect, test } from 'vitest';
import { challenge, forgeWelcome, markedChallenge } from './toolkit/forge.js';
import { everyMode, hardened, unpinned } from './toolkit/modes.js';
import { until, World } from './toolkit/world.js';

/** Puts a welcome in the place of the server's, whose bytes cannot be changed: it is one RSA block. */
async function offer(world: World, dataToSign: () => Uint8Array): Promise<void> {
  world.attack = {
    toClient: async ({ kind, bytes }) => [
      kind === 'welcome' ? await forgeWelcome({ dataToSign: dataToSign() }) : bytes,
    ],
  };
}

const offers = [
  ['no offer at all', challenge, 'E_UNHARDENED'],
  ['an offer without synthetic IVs', () => markedChallenge(0), 'E_TAG'],
  ['an offer without Checkpoint', () => markedChallenge(1), 'E_TAG'],
] as const;

describe('downgrading the offer [S85, S33]', () => {
  test(`${unpinned.name}: with no offer the client signs, and the server refuses what it signed`, async () => {
    const world = await World.open(unpinned);
    await offer(world, challenge);
    const connecting = world.connect();
    await until(() => world.serverFaults.length > 0);
    expect(world.serverFaults[0]).toBe('E_HANDSHAKE');
    expect(world.eventsOf('session-opened')).toEqual([]);
    world.attack = {};
    expect((await connecting).state).toMatchObject({ hardening: 'hardened' });
  });

  test.each(hardened.flatMap((mode) => offers.map((given) => [mode.name, ...given, mode] as const)))(
    '%s: %s is not signed',
    async (_, _offer, dataToSign, code, mode) => {
      const world = await World.open(mode);
      await offer(world, dataToSign);
      const connecting = world.connect();
      await until(() => world.clientFaults.length > 0);
      expect(world.clientFaults[0]).toBe(code);
      world.attack = {};
      expect((await connecting).state).toMatchObject({ hardening: 'hardened' });
    },
  );

  test(`${unpinned.name}: after one good session of the same process no offer is not signed any more`, async () => {
    const world = await World.open(unpinned);
    const client = await world.connect();
    expect(client.state).toMatchObject({ hardening: 'hardened' });
    await offer(world, challenge);
    client.reconnect();
    await until(() => world.clientFaults.length > 0);
    expect(world.clientFaults[0]).toBe('E_UNHARDENED');
    world.attack = {};
    await until(() => client.state.kind === 'live');
    expect(client.state).toMatchObject({ hardening: 'hardened' });
    expect(world.serverFaults).not.toContain('E_HANDSHAKE');
  });

  test.each(everyMode)('$name: an altered welcome cannot be read', async (mode) => {
    const world = await World.open(mode);
    world.attack = {
      toClient: ({ kind, bytes }) => [kind === 'welcome' ? bytes.with(200, (bytes[200] ?? 0) ^ 1) : bytes],
    };
    void world.connect().catch(() => {});
    await until(() => world.clientFaults.length > 0);
    expect(world.clientFaults[0]).toBe('E_HANDSHAKE');
  });
});
