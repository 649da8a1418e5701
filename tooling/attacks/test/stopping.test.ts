import { crypto, type PrivateKey } from '@sealwire/crypto';
import { Refused } from '@sealwire/server';
import { TransportError } from '@sealwire/transport';
import { describe, expect, test } from 'vitest';
import { aliceKey } from './toolkit/keys.js';
import { hardened, type Mode, off, trusting } from './toolkit/modes.js';
import { type Attack, dialThrough, Road } from './toolkit/road.js';
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

describe('forged answers to the dial [S85]', () => {
  test.each([...hardened, trusting])('$name: none stops a client after a good session', async (mode) => {
    const world = await World.open(mode);
    let refusals = 0;
    let attacked = false;
    const road = dialThrough(world.network.dial, (client, server) => {
      world.roads.push(new Road(client, server, () => world.attack));
    });
    const client = await world.connect({
      dial: async (options) => {
        if (!attacked) return road(options);
        refusals += 1;
        throw new TransportError('E_HTTP_STATUS', 'forbidden', { status: 403, forgeable: true });
      },
    });
    attacked = true;
    client.reconnect();
    await until(() => refusals > 7 || client.state.kind === 'stopped');
    attacked = false;
    await until(() => client.state.kind === 'live' || client.state.kind === 'stopped');
    expect(client.state).toMatchObject({ kind: 'live', hardening: 'hardened' });
  });
});

describe('a forged close behind a refusal whose words begin like one [S85]', () => {
  /** The server refuses the first message; the next frame it sends is the ERROR, behind which the close is forged. */
  async function meet(mode: Mode) {
    let refused = false;
    const world = await World.open(mode, {
      onMessage: ({ payload }) => {
        if (payload !== 'too much') return void world.orders.push(payload);
        refused = true;
        throw new Refused('4100 is too much');
      },
    });
    const client = await world.connect();
    world.attack = {
      toClient: ({ kind, bytes }, road) => {
        road.toClient(bytes);
        if (refused && kind === 'sealed') road.closeClient(4100);
        refused = false;
        return [];
      },
    };
    void client.send('too much').catch(() => {});
    return { world, client };
  }

  test('off: it stops a client for good', async () => {
    const { client } = await meet(off);
    await until(() => client.state.kind === 'stopped');
    expect(client.state).toMatchObject({ error: { code: 'E_HISTORY_GONE' } });
  });

  test.each(hardened)('$name: it does not', async (mode) => {
    const { world, client } = await meet(mode);
    void client.send('enough').catch(() => {});
    await until(() => world.orders.length === 1 || client.state.kind === 'stopped');
    expect(client.state.kind).not.toBe('stopped');
    expect(world.orders).toEqual(['enough']);
  });
});

describe('noise in a handshake [S85, S34]', () => {
  const noise = (): Uint8Array => crypto.randomBytes(256);
  const instead: Attack = {
    toServer: ({ kind }, road) => {
      if (kind === 'hello') road.toClient(noise());
      return [];
    },
  };
  const withWelcome: Attack = {
    toClient: ({ kind, bytes }) => (kind === 'welcome' ? [bytes, noise()] : [bytes]),
  };
  const behindProof: Attack = {
    toServer: ({ kind, bytes }, road) => {
      if (kind === 'proof') road.toClient(noise());
      return [bytes];
    },
  };
  const nothing: Attack = {};
  /** Where, the attack, what the client calls it each time, and what it stops with without hardening. */
  const places = [
    ['in place of the welcome', instead, 'E_HANDSHAKE', 'E_HANDSHAKE'],
    ['with the welcome', withWelcome, 'E_HANDSHAKE', 'E_HANDSHAKE'],
    ['while the proof is signed', nothing, 'E_HANDSHAKE', 'E_HANDSHAKE'],
    ['between the proof and the first frame', behindProof, 'E_FRAME', 'E_STUCK'],
  ] as const;

  /** A client in a good session, before it meets the noise. */
  async function meet(mode: Mode, attack: Attack) {
    const world = await World.open(mode);
    let whileSigning = (): void => {};
    const clientKey: PrivateKey = {
      publicKey: aliceKey.publicKey,
      decrypt: (bytes) => aliceKey.decrypt(bytes),
      toPem: () => aliceKey.toPem(),
      sign: (bytes) => {
        whileSigning();
        return aliceKey.sign(bytes);
      },
    };
    const client = await world.connect({ clientKey });
    world.attack = attack;
    if (attack === nothing) whileSigning = () => world.road.toClient(noise());
    client.reconnect();
    const leave = (): void => {
      world.attack = {};
      whileSigning = () => {};
    };
    return { world, client, leave };
  }

  test.each(places)('off: %s it soon stops a client for good', async (_, attack, _fault, code) => {
    const { client } = await meet(off, attack);
    await until(() => client.state.kind === 'stopped');
    expect(client.state).toMatchObject({ error: { code } });
  });

  const cases = hardened.flatMap((mode) => places.map((place) => [mode.name, ...place, mode] as const));
  test.each(cases)('%s: %s it does not, however often', async (_, _place, attack, fault, _code, mode) => {
    const { world, client, leave } = await meet(mode, attack);
    await until(() => world.clientFaults.filter((code) => code === fault).length > 5);
    leave();
    await until(() => client.state.kind === 'live');
    expect(client.state).toMatchObject({ hardening: 'hardened' });
  });
});
