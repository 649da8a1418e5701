import { crypto } from '@sealwire/crypto';
import { encodeServerMessage } from '@sealwire/framing';
import { memoryClientState } from '@sealwire/store';
import { describe, expect, test } from 'vitest';
import { forgeWelcome } from './toolkit/forge.js';
import { hardened, type Mode, off, unpinned } from './toolkit/modes.js';
import { until, World } from './toolkit/world.js';

/** A client with one message that was never confirmed, which meets somebody who says that he has it, and that he sent much. */
async function meet(mode: Mode) {
  const world = await World.open(mode);
  const state = memoryClientState();
  const { pin } = await world.state.load();
  await state.append([{ index: 0n, json: new TextEncoder().encode('"pay"') }]);
  await state.save({ sequenceOffset: 0n, ...(pin === undefined ? {} : { pin }) });
  const serverAesKey = crypto.randomBytes(32);
  const lie = encodeServerMessage('documented', 41n, 0, new TextEncoder().encode('"lie"'));
  world.attack = {
    toServer: async ({ kind }, road) => {
      if (kind === 'hello') road.toClient(await forgeWelcome({ lastSeenSequence: 0n, serverAesKey }));
      if (kind === 'proof') road.toClient(crypto.createSealer(serverAesKey).seal(lie));
      return [];
    },
  };
  world.state = state;
  return { world, state, connecting: world.connect() };
}

describe('a false first contact [S85]', () => {
  test('off: the message is forgotten unsent, and the order saved', async () => {
    const { world, state, connecting } = await meet(off);
    const client = await connecting;
    await until(() => world.received.length === 1);
    await client.close();
    expect(await state.load()).toMatchObject({ savedOrder: 41n, outbox: [] });
    expect(world.orders).toEqual([]);
  });

  test(`${unpinned.name}: the application hears the lie, and no state moves`, async () => {
    const { world, state, connecting } = await meet(unpinned);
    const client = await connecting;
    expect(client.state).toMatchObject({ hardening: 'not-offered' });
    await until(() => world.received.length === 1);
    await client.close();
    expect(await state.load()).toMatchObject({ savedOrder: -1n, outbox: [{ index: 0n }] });
  });

  test.each(hardened)('$name: there is no contact, and the message arrives later', async (mode) => {
    const { world, state, connecting } = await meet(mode);
    await until(() => world.clientFaults.length > 1);
    expect(new Set(world.clientFaults)).toEqual(new Set(['E_UNHARDENED']));
    expect(await state.load()).toMatchObject({ savedOrder: -1n, outbox: [{ index: 0n }] });
    world.attack = {};
    await connecting;
    await until(() => world.orders.length === 1);
    expect(world.orders).toEqual(['pay']);
    expect(world.received).toEqual([]);
  });
});
