import { crypto } from '@sealwire/crypto';
import { describe, expect, test } from 'vitest';
import { hardened, off } from './toolkit/modes.js';
import type { Attack } from './toolkit/road.js';
import { until, World } from './toolkit/world.js';

describe('forged closes [S85, S67]', () => {
  test.each([
    [4000, 'E_TAKEN_OVER'],
    [4100, 'E_HISTORY_GONE'],
    [4101, 'E_AHEAD'],
  ])('off: one close with %i stops a client for good', async (closeCode, code) => {
    const world = await World.open(off);
    const client = await world.connect();
    world.road.closeClient(closeCode);
    await until(() => client.state.kind === 'stopped');
    expect(client.state).toMatchObject({ error: { code } });
  });

  const codes = [1002, 1008, 1011, 4000, 4001, 4100, 4101];
  test.each(hardened)('$name: none stops a client, however often it comes', async (mode) => {
    const world = await World.open(mode);
    const client = await world.connect();
    for (const closeCode of codes) {
      for (let times = 0; times < 6; times += 1) {
        const { road } = world;
        road.closeClient(closeCode);
        await until(() => world.road !== road && client.state.kind === 'live');
      }
    }
    expect(world.states.filter(({ kind }) => kind === 'stopped')).toEqual([]);
  });
});

describe('random answers [S85, S34]', () => {
  const answerNoise: Attack = {
    toServer: ({ kind }, road) => {
      if (kind === 'hello') road.toClient(crypto.randomBytes(256));
      return [];
    },
  };

  test('off: three of them stop a client for good', async () => {
    const world = await World.open(off);
    const client = await world.connect();
    world.attack = answerNoise;
    client.reconnect();
    await until(() => client.state.kind === 'stopped');
    expect(client.state).toMatchObject({ error: { code: 'E_HANDSHAKE' } });
  });

  test.each(hardened)('$name: the client goes on dialing', async (mode) => {
    const world = await World.open(mode);
    const client = await world.connect();
    world.attack = answerNoise;
    client.reconnect();
    await until(() => world.clientFaults.filter((code) => code === 'E_HANDSHAKE').length > 5);
    world.attack = {};
    await until(() => client.state.kind === 'live');
    expect(client.state).toMatchObject({ hardening: 'hardened' });
  });
});
