import { type Crypto, crypto } from '@sealwire/crypto';
import { decodeClientFrame, encodeClientFrame, MessageType } from '@sealwire/framing';
import type { ServeOptions } from '@sealwire/server';
import { describe, expect, test } from 'vitest';
import { everyMode, hardened, type Mode, off } from './toolkit/modes.js';
import type { Attack } from './toolkit/road.js';
import { until, World } from './toolkit/world.js';

/** MESSAGE TYPE lies in block 16 of a frame; block 15 before it is signature. */
const flipOnTheWire: Attack = {
  toServer: ({ kind, bytes }) => {
    const altered = Uint8Array.from(bytes);
    const typeInPreviousBlock = 16 + 4 + 256 + 3 - 16;
    if (kind === 'sealed') altered[typeInPreviousBlock] = (bytes[typeInPreviousBlock] ?? 0) ^ 3;
    return [altered];
  },
};

/** A client whose AES keys come out, as from a memory dump of the server. */
function leaking(): { readonly crypto: Crypto; readonly key: () => Uint8Array } {
  let leaked = new Uint8Array(0);
  const leaky: Crypto = {
    ...crypto,
    createSealer: (key, options) => {
      leaked = Uint8Array.from(key);
      return crypto.createSealer(key, options);
    },
  };
  return { crypto: leaky, key: () => leaked };
}

function flipWithKey(key: Uint8Array): Attack {
  const opener = crypto.createOpener(key);
  const sealer = crypto.createSealer(key);
  return {
    toServer: ({ kind, bytes }) => {
      if (kind !== 'sealed') return [bytes];
      const { type, data, signature } = decodeClientFrame(opener.open(bytes), 'documented');
      const other = type === MessageType.RPC ? MessageType.MESSAGE : MessageType.RPC;
      return [sealer.seal(encodeClientFrame('documented', other, data, signature))];
    },
  };
}

/** A live session whose AES key the attacker has, and uses from now on. */
async function leakAndFlip(mode: Mode, options: Partial<ServeOptions> = {}) {
  const world = await World.open(mode, options);
  const leak = leaking();
  const client = await world.connect({ crypto: leak.crypto });
  world.attack = flipWithKey(leak.key());
  return { world, client };
}

describe('flipping the type of a client’s frame [S85, S59]', () => {
  test.each(everyMode)('$name: on the wire it breaks the signature or the synthetic IV', async (mode) => {
    const world = await World.open(mode);
    const client = await world.connect();
    world.attack = flipOnTheWire;
    await client.send('order');
    await until(() => world.serverFaults.length > 0);
    expect(world.serverFaults[0]).toBe('E_FRAME');
    expect([world.orders, world.requests]).toEqual([[], []]);
  });

  test('off: who has the AES key of the client makes a request of a message', async () => {
    const { world, client } = await leakAndFlip(off);
    await client.send('order');
    await until(() => world.requests.length > 0);
    expect([world.orders, world.requests]).toEqual([[], ['order']]);
  });

  test('off: requireHighRequestIds refuses that', async () => {
    const { world, client } = await leakAndFlip(off, { requireHighRequestIds: true });
    await client.send('order');
    await until(() => world.serverFaults.length > 0);
    expect(world.serverFaults[0]).toBe('E_REQUEST_ID');
    expect(world.requests).toEqual([]);
  });

  test('off: a request never makes a message, because its number cannot be a SEQUENCE', async () => {
    const { world, client } = await leakAndFlip(off);
    void client.call('question').catch(() => {});
    await until(() => world.serverFaults.length > 0);
    expect(world.serverFaults[0]).toBe('E_SEQUENCE');
    expect(world.orders).toEqual([]);
  });

  test.each(hardened)('$name: the AES key alone is not enough', async (mode) => {
    const { world, client } = await leakAndFlip(mode);
    await client.send('order');
    await until(() => world.serverFaults.length > 0);
    expect(world.serverFaults[0]).toBe('E_FRAME');
    expect([world.orders, world.requests]).toEqual([[], []]);
  });
});
