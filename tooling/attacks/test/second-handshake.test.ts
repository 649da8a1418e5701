import { crypto } from '@sealwire/crypto';
import { describe, expect, test } from 'vitest';
import { forgeHello, forgeWelcome } from './toolkit/forge.js';
import { everyMode } from './toolkit/modes.js';
import { until, World } from './toolkit/world.js';

// The states of a session know no second handshake, hardened or not: nothing here succeeds in any mode.
describe.each(everyMode)('a second handshake, $name [S85]', (mode) => {
  test('is a bad frame to a live server [S18]', async () => {
    const world = await World.open(mode);
    await world.connect();
    world.road.toServer(await forgeHello(crypto.randomBytes(32)));
    await until(() => world.serverFaults.length > 0);
    expect(world.serverFaults[0]).toBe('E_FRAME');
  });

  test('is a bad frame to a live client', async () => {
    const world = await World.open(mode);
    const client = await world.connect();
    world.road.toClient(await forgeWelcome());
    await until(() => world.clientFaults.length > 0);
    expect(world.clientFaults[0]).toBe('E_FRAME');
    await until(() => client.state.kind === 'live');
  });

  test('before the proof is refused by the client', async () => {
    const world = await World.open(mode);
    world.attack = {
      toClient: async ({ kind, bytes }) => (kind === 'welcome' ? [await forgeWelcome(), bytes] : [bytes]),
    };
    const connecting = world.connect();
    void connecting.catch(() => {});
    await until(() => world.clientFaults.length > 0);
    expect(world.clientFaults[0]).toBe('E_HANDSHAKE');
    expect(world.road.seen.map(({ kind }) => kind)).not.toContain('proof');
  });

  test('on another link takes the place of nobody without a proof [S21]', async () => {
    const world = await World.open(mode);
    const client = await world.connect();
    const link = await world.network.dial({ signal: new AbortController().signal });
    let welcomed = false;
    let closed: unknown;
    link.start({
      frames: () => {
        if (welcomed) return;
        welcomed = true;
        link.send([crypto.randomBytes(256)]);
      },
      text() {},
      drain() {},
      pong() {},
      close: (close) => {
        closed = close;
      },
    });
    link.send([await forgeHello(crypto.randomBytes(32))]);
    await until(() => closed !== undefined);
    expect(closed).toEqual({ code: 1008, reason: '' });
    expect(await client.call('still there?')).toBe('still there?');
    expect(world.roads).toHaveLength(1);
  });
});
