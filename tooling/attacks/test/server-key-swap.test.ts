import { crypto } from '@sealwire/crypto';
import { describe, expect, test } from 'vitest';
import { playServer } from './toolkit/false-server.js';
import { everyMode, hardened, off } from './toolkit/modes.js';
import { until, World } from './toolkit/world.js';

describe('swapping the AES key of the server [S85]', () => {
  /** A welcome with a key of the attacker's, or one that came before, as often as the client dials. */
  const swap = (world: World, serverAesKey: Uint8Array): void => {
    world.attack = playServer({ serverAesKey });
  };

  test('off: the client works with the key that it is given, once [S30]', async () => {
    const world = await World.open(off);
    const client = await world.connect();
    swap(world, crypto.randomBytes(32));
    client.reconnect();
    await until(() => world.road.seen.some(({ kind }) => kind === 'proof'));
    client.reconnect();
    await until(() => world.clientFaults.includes('E_HANDSHAKE'));
    expect(world.roads.flatMap(({ seen }) => seen).filter(({ kind }) => kind === 'proof')).toHaveLength(2);
  });

  test.each(hardened)('$name: no key is taken that the tag does not cover', async (mode) => {
    const world = await World.open(mode);
    const client = await world.connect();
    swap(world, crypto.randomBytes(32));
    client.reconnect();
    await until(() => world.clientFaults.includes('E_UNHARDENED'));
    expect(world.road.seen.map(({ kind }) => kind)).not.toContain('proof');
    world.attack = {};
    await until(() => client.state.kind === 'live');
    expect(client.state).toMatchObject({ hardening: 'hardened' });
  });

  test.each(everyMode)('$name: a key that is no key is refused [S31]', async (mode) => {
    for (const serverAesKey of [new Uint8Array(32), crypto.randomBytes(16)]) {
      const world = await World.open(mode);
      swap(world, serverAesKey);
      void world.connect().catch(() => {});
      await until(() => world.clientFaults.length > 0);
      expect(['E_HANDSHAKE', 'E_UNHARDENED']).toContain(world.clientFaults[0]);
      expect(world.road.seen.map(({ kind }) => kind)).not.toContain('proof');
      await world.server.close();
    }
  });
});
