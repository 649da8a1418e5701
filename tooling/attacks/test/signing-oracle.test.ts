import { crypto } from '@sealwire/crypto';
import { encodeSignedData, MessageType } from '@sealwire/framing';
import { describe, expect, test } from 'vitest';
import { playServer } from './toolkit/false-server.js';
import { forgeWelcome } from './toolkit/forge.js';
import { publicKeys } from './toolkit/keys.js';
import { everyMode, off, unpinned } from './toolkit/modes.js';
import { signBlindly } from './toolkit/old-program.js';
import { until, World } from './toolkit/world.js';

const order = new TextEncoder().encode('{"@type":"CancelAllOrders"}');
const data = encodeSignedData('documented', MessageType.MESSAGE, 1n, order);
const body = encodeSignedData('deployed', MessageType.MESSAGE, 1n, order);

/** What a lax reader would still take for a message. */
const disguises: readonly (readonly [string, Uint8Array])[] = [
  ['the signed part of a message', data],
  ['the same with bytes behind it', Uint8Array.of(...data, 1, 2, 3, 4)],
  ['the same with padding that is not zero', Uint8Array.of(...data.subarray(0, -1), 1)],
  ['the same with a length beyond its end', data.with(8, 0x7f)],
  ['the signed part of a message in the deployed layout', body],
  ['the same with a length beyond its end, deployed', body.with(12, 0x7f)],
];

async function expectRefusal(world: World, dataToSign: Uint8Array): Promise<void> {
  world.attack = playServer({ dataToSign });
  void world.connect().catch(() => {});
  await until(() => world.clientFaults.length > 0);
  expect(world.clientFaults[0]).toBe('E_CHALLENGE_REFUSED');
  expect(world.road.seen.map(({ kind }) => kind)).not.toContain('proof');
}

describe('harvesting a signature through DATA TO SIGN [S85]', () => {
  test('an old program signs a message that it never meant', async () => {
    const signature = await signBlindly(await forgeWelcome({ dataToSign: data }));
    expect(await publicKeys.alice.verify(data, signature)).toBe(true);
  });

  // The guard is always on, so there is no mode in which this client signs.
  const cases = [...everyMode, unpinned].flatMap((mode) =>
    disguises.map(([name, dataToSign]) => [mode.name, name, dataToSign, mode] as const),
  );
  test.each(cases)('%s: %s is refused [S24, S25, S26]', async (_, _name, dataToSign, mode) => {
    const world = await World.open(mode);
    await expectRefusal(world, dataToSign);
  });

  test.each([0, 15])('a challenge of %i bytes is refused [S27]', async (length) => {
    const world = await World.open(off);
    const dataToSign = crypto.randomBytes(16).subarray(0, length);
    await expectRefusal(world, dataToSign);
  });
});
