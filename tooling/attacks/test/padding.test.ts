import { randomInt } from 'node:crypto';
import { crypto } from '@sealwire/crypto';
import { describe, expect, test } from 'vitest';
import { everyMode, off } from './toolkit/modes.js';
import { until, World } from './toolkit/world.js';

/** Each garbles another part of a frame, so that another check would be the first to fail. */
const probes: readonly (readonly [string, (frame: Uint8Array) => Uint8Array])[] = [
  ['the padding', (frame) => flip(frame, frame.length - 17, 1 + randomInt(255))],
  ['the last block', (frame) => flip(frame, frame.length - 1, 1)],
  ['the signature', (frame) => flip(frame, 64, 1)],
  ['the first length', (frame) => flip(frame, 0, 0x80)],
  ['the type', (frame) => flip(frame, 16 + 4 + 256 - 16, 0x80)],
  ['its end, cut off', (frame) => frame.subarray(0, -16)],
  ['all, random', (frame) => crypto.randomBytes(frame.length)],
];

function flip(frame: Uint8Array, index: number, bits: number): Uint8Array {
  return frame.with(index, (frame[index] ?? 0) ^ bits);
}

describe('asking the server about padding [S85, S55, S81]', () => {
  // Sessions of the document give nothing away either: there is nothing to be shown with hardening off but that.
  test.each(everyMode)('$name: whatever is wrong, the answer is the same', async (mode) => {
    const world = await World.open(mode);
    const client = await world.connect();
    for (const [, probe] of probes) {
      const { road } = world;
      let altered = false;
      world.attack = {
        toServer: ({ kind, bytes }) => {
          if (kind !== 'sealed' || altered) return [bytes];
          altered = true;
          return [probe(bytes)];
        },
      };
      void client.call('x').catch(() => {});
      await until(() => road.serverClose !== undefined);
      world.attack = {};
      expect(road.serverClose).toEqual({ code: 1002, reason: 'the frame cannot be accepted' });
      expect(world.serverFaults.at(-1)).toBe('E_FRAME');
      await until(() => world.road !== road && client.state.kind === 'live');
    }
    expect(world.requests).toEqual([]);
  });

  test('off: a second question about the same AES key is not heard [S11, S12]', async () => {
    const world = await World.open(off);
    const client = await world.connect();
    const recorded = world.road.seen.find(({ kind }) => kind === 'hello');
    world.attack = { toServer: ({ kind, bytes }) => [kind === 'hello' ? (recorded?.bytes ?? bytes) : bytes] };
    client.reconnect();
    await until(() => world.eventsOf('handshake-refused').length > 0);
    expect(world.eventsOf('handshake-refused')[0]).toMatchObject({
      code: 1008,
      error: { message: "the client's AES key was used in an earlier session" },
    });
  });
});
