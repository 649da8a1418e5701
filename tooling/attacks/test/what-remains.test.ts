import { crypto } from '@sealwire/crypto';
import { decodeClientFrame, decodeHello } from '@sealwire/framing';
import { describe, expect, test } from 'vitest';
import { serverKey } from './toolkit/keys.js';
import { everyMode } from './toolkit/modes.js';
import { until, World } from './toolkit/world.js';

/** docs/threat-model.md says what no mode protects; these show it, so that nobody believes more. */
describe.each(everyMode)('what no mode stops, $name', (mode) => {
  test('who records a session and has the private key of the server later, reads what the client sent', async () => {
    const world = await World.open(mode);
    const client = await world.connect();
    await client.send('sell everything');
    await until(() => world.orders.length > 0);

    const [hello, , ...rest] = world.road.seen.filter(({ kind }) =>
      ['hello', 'proof', 'sealed'].includes(kind),
    );
    const stolen = decodeHello(await serverKey.decrypt(hello?.bytes ?? new Uint8Array(0)));
    const texts = rest.flatMap(({ bytes }) => {
      try {
        const frame = decodeClientFrame(crypto.createOpener(stolen.clientAesKey).open(bytes), 'documented');
        return [new TextDecoder().decode(frame.json)];
      } catch {
        // A frame of the server.
        return [];
      }
    });
    expect(texts).toContain('"sell everything"');
  });

  test('who watches sees how long each payload is, to within a block', async () => {
    const world = await World.open(mode);
    const client = await world.connect();
    const lengths: number[] = [];
    world.attack = {
      toServer: ({ bytes }) => {
        lengths.push(bytes.length);
        return [bytes];
      },
    };
    for (const length of [10, 1_000]) await client.send('x'.repeat(length));
    await until(() => world.orders.length === 2);
    expect(Math.max(...lengths) - Math.min(...lengths)).toBeGreaterThan(900);
  });

  test('who owns the link cuts it, and everything waits until it is there again', async () => {
    const world = await World.open(mode);
    const client = await world.connect();
    world.attack = {
      toServer: ({ kind, bytes }, road) => {
        if (kind === 'sealed') road.closeClient(1001);
        return kind === 'sealed' ? [] : [bytes];
      },
    };
    await client.send('wait for me');
    await until(() => world.roads.length > 3);
    expect(world.orders).toEqual([]);
    world.attack = {};
    await until(() => world.orders.length > 0);
    expect(world.orders).toEqual(['wait for me']);
  });
});
