import { describe, expect, test } from 'vitest';
import { hardened, off } from './toolkit/modes.js';
import type { Attack } from './toolkit/road.js';
import { until, World } from './toolkit/world.js';

/** ORDER lies at byte 8 of the first block, and what is done to the IV is done to that block. */
const flipOrder: Attack = {
  toClient: ({ kind, bytes }) => {
    const altered = Uint8Array.from(bytes);
    if (kind === 'sealed') altered[8] = (bytes[8] ?? 0) ^ 0x20;
    return [altered];
  },
};

describe('flipping a bit of ORDER [S85, S56]', () => {
  test('off: the client acknowledges 2^61 messages that it never saw, for good', async () => {
    const world = await World.open(off);
    const client = await world.connect();
    world.attack = flipOrder;
    await world.server.publish(['alice'], 'one');
    await until(() => world.received.length === 1);
    expect(world.received).toEqual([[(1n << 61n) + 1n, 'one']]);
    await client.close();
    expect((await world.state.load()).savedOrder).toBe((1n << 61n) + 1n);
  });

  test.each(hardened)('$name: the frame is refused, and read on the next link', async (mode) => {
    const world = await World.open(mode);
    const client = await world.connect();
    world.attack = flipOrder;
    await world.server.publish(['alice'], 'one');
    await until(() => world.clientFaults.length > 0);
    expect(world.clientFaults[0]).toBe('E_FRAME');
    expect(world.received).toEqual([]);
    world.attack = {};
    await until(() => world.received.length === 1);
    expect(world.received).toEqual([[1n, 'one']]);
    expect(client.state.kind).not.toBe('stopped');
  });
});
