import { crypto } from '@sealwire/crypto';
import { encodeClientFrame, encodeSignedData, MessageType } from '@sealwire/framing';
import { describe, expect, test } from 'vitest';
import { forgeHello, forgeWelcome } from './toolkit/forge.js';
import { publicKeys } from './toolkit/keys.js';
import { everyMode, type Mode, off, unpinned } from './toolkit/modes.js';
import { signBlindly } from './toolkit/old-program.js';
import { until, World } from './toolkit/world.js';

/** Has an old program sign the login and the order, and sends both to the server as Alice. Resolves when the server has closed or obeyed. */
async function forgeOrder(world: World): Promise<void> {
  const key = crypto.randomBytes(32);
  const json = new TextEncoder().encode('"sell everything"');
  const data = encodeSignedData('documented', MessageType.MESSAGE, 0n, json);
  const signature = await signBlindly(await forgeWelcome({ dataToSign: data }));
  const frame = encodeClientFrame('documented', MessageType.MESSAGE, data, signature);
  const link = await world.network.dial({ signal: new AbortController().signal });
  let closed = false;
  let welcomed = false;
  link.start({
    frames: async ([welcome]) => {
      if (welcomed || welcome === undefined) return;
      welcomed = true;
      link.send([await signBlindly(welcome), crypto.createSealer(key).seal(frame)]);
    },
    text() {},
    drain() {},
    pong() {},
    close() {
      closed = true;
    },
  });
  link.send([await forgeHello(key)]);
  await until(() => closed || world.orders.length > 0);
  link.terminate();
}

const inTheDirectory: Mode = {
  ...unpinned,
  name: 'prefer with require in the entry of the client',
  pinned: true,
};

describe('an old program with the same key, which signs blindly [S85]', () => {
  test('off: the server takes an order that Alice never gave', async () => {
    const world = await World.open(off);
    await forgeOrder(world);
    expect(world.orders).toEqual(['sell everything']);
  });

  test('prefer: it is taken too, and the server tells that the client is not hardened any more', async () => {
    const world = await World.open({ ...unpinned, pinned: true });
    await forgeOrder(world);
    expect(world.orders).toEqual(['sell everything']);
    expect(world.eventsOf('session-opened')).toMatchObject([{ hardening: 'declined' }]);
    expect(world.eventsOf('downgraded')).toMatchObject([{ clientId: 'alice' }]);
  });

  const required = everyMode.filter(({ server }) => server === 'require');
  test.each([...required, inTheDirectory])('$name: the login is refused', async (mode) => {
    const entry = { publicKey: publicKeys.alice, hardening: 'require' as const };
    const world = await World.open(
      mode,
      mode === inTheDirectory ? { clients: new Map([['alice', entry]]) } : {},
    );
    await forgeOrder(world);
    expect(world.orders).toEqual([]);
    expect(world.serverFaults).toEqual(['E_UNHARDENED']);
    expect(world.eventsOf('handshake-refused')).toMatchObject([{ code: 1008, clientId: 'alice' }]);
  });
});
