import { crypto } from '@sealwire/crypto';
import { decodeHello } from '@sealwire/framing';
import { describe, expect, test } from 'vitest';
import { forgeHello } from './toolkit/forge.js';
import { hardened, off, unpinned } from './toolkit/modes.js';
import type { Attack } from './toolkit/road.js';
import { until, World } from './toolkit/world.js';

/** Another server that Alice uses with the same key, such as one for tests. It may be dishonest, or taken over. */
const staging = await crypto.generateKeyPair();
const atStaging = { serverKey: staging.publicKey, allowKeySharing: true };

/** The staging server logs in at the real one as Alice, lets her sign the challenge of that, and hands on what she signs. */
function resell(): Attack {
  const key = crypto.randomBytes(32);
  const sealer = crypto.createSealer(key);
  let opener = crypto.createOpener(key);
  return {
    toServer: async ({ kind, bytes }) => {
      if (kind === 'proof') return [bytes];
      if (kind !== 'hello') return [sealer.seal(opener.open(bytes))];
      opener = crypto.createOpener(decodeHello(await staging.privateKey.decrypt(bytes)).clientAesKey);
      return [await forgeHello(key)];
    },
  };
}

describe('one client key at two servers [S85, S38]', () => {
  test('off: what Alice orders at one server is done by the other', async () => {
    const world = await World.open(off);
    world.attack = resell();
    const client = await world.connect(atStaging);
    await client.send('only a test: sell everything');
    await until(() => world.orders.length > 0);
    expect(world.orders).toEqual(['only a test: sell everything']);
  });

  test.each([...hardened, unpinned])(
    '$name: the challenge of one server is not signed for the other',
    async (mode) => {
      const world = await World.open(mode);
      world.attack = resell();
      void world.connect(atStaging).catch(() => {});
      await until(() => world.clientFaults.length > 0);
      expect(world.clientFaults[0]).toBe('E_TAG');
      expect(world.road.seen.map(({ kind }) => kind)).not.toContain('proof');
      expect(world.eventsOf('session-opened').length + world.orders.length).toBe(0);
    },
  );

  test('in one process the key is refused for the second server, unless that is asked for', async () => {
    const world = await World.open(off);
    await world.connect();
    const second = world.connect({ serverKey: staging.publicKey });
    await expect(second).rejects.toMatchObject({ code: 'E_OPTION' });
  });
});
