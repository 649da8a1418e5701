import { crypto } from '@sealwire/crypto';
import { encodeClientFrame, encodeSignedData, MessageType } from '@sealwire/framing';
import { describe, expect, test } from 'vitest';
import { forgeHello } from './toolkit/forge.js';
import { hardened, off } from './toolkit/modes.js';
import type { Attack } from './toolkit/road.js';
import { until, World } from './toolkit/world.js';

/** Says hello in Alice's name with a key of his own, and lets her sign the challenge that he is given. */
function relay(attackersKey: Uint8Array): Attack {
  const sealer = crypto.createSealer(attackersKey);
  const json = new TextEncoder().encode('"sell everything"');
  const data = encodeSignedData('documented', MessageType.MESSAGE, 0n, json);
  return {
    toServer: async ({ kind, bytes }) => {
      if (kind === 'hello') return [await forgeHello(attackersKey)];
      const unsigned = encodeClientFrame('documented', MessageType.MESSAGE, data, crypto.randomBytes(256));
      return kind === 'proof' ? [bytes, sealer.seal(unsigned)] : [];
    },
  };
}

describe('relaying a login [S85]', () => {
  test('off: the server has a session with Alice whose key is the attacker’s', async () => {
    const world = await World.open(off);
    world.attack = relay(crypto.randomBytes(32));
    void world.connect().catch(() => {});
    await until(() => world.eventsOf('session-closed').length > 0);
    expect(world.eventsOf('session-opened')[0]).toMatchObject({ clientId: 'alice' });
    // His frame was opened with his key; only the signature of a message was missing.
    expect(world.eventsOf('session-closed')[0]).toMatchObject({
      error: { message: 'the signature does not hold' },
    });
  });

  test.each(hardened)(
    '$name: the client sees that the challenge is not for its keys, and signs nothing',
    async (mode) => {
      const world = await World.open(mode);
      world.attack = relay(crypto.randomBytes(32));
      const connecting = world.connect();
      await until(() => world.clientFaults.length > 1);
      expect(new Set(world.clientFaults)).toEqual(new Set(['E_TAG']));
      expect(world.roads.flatMap(({ seen }) => seen).filter(({ kind }) => kind === 'proof')).toEqual([]);
      expect(world.eventsOf('session-opened')).toEqual([]);
      world.attack = {};
      expect((await connecting).state).toMatchObject({ kind: 'live', hardening: 'hardened' });
    },
  );
});
