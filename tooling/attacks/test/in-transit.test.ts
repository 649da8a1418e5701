import { describe, expect, test } from 'vitest';
import { hardened, off } from './toolkit/modes.js';
import type { Attack, Frame } from './toolkit/road.js';
import { until, World } from './toolkit/world.js';

type Way = 'toServer' | 'toClient';

/** Handles the sealed frames of one direction, numbered from 0, from now on. */
function tamper(way: Way, change: (bytes: Uint8Array, number: number) => readonly Uint8Array[]): Attack {
  let number = 0;
  return { [way]: ({ kind, bytes }: Frame) => (kind === 'sealed' ? change(bytes, number++) : [bytes]) };
}

const drop = (way: Way) => tamper(way, (bytes, number) => (number === 0 ? [] : [bytes]));
const repeat = (way: Way) => tamper(way, (bytes) => [bytes, bytes]);
const swap = (way: Way) => {
  let held: Uint8Array | undefined;
  return tamper(way, (bytes, number) => {
    if (number === 0) held = bytes;
    if (number === 1 && held !== undefined) return [bytes, held];
    return number === 0 ? [] : [bytes];
  });
};

const changes = [
  ['dropped', drop],
  ['swapped', swap],
  ['repeated', repeat],
] as const;
const inEachMode = hardened.flatMap((mode) =>
  changes.map(([change, make]) => [mode.name, change, make, mode] as const),
);

describe('frames of the server [S85, S54, S57]', () => {
  test.each([
    ['dropped', drop],
    ['swapped', swap],
  ] as const)('off: a frame that was %s is lost for good, and nobody knows', async (_, attack) => {
    const world = await World.open(off);
    const client = await world.connect();
    world.attack = attack('toClient');
    await world.server.publish(['alice'], 'one');
    await world.server.publish(['alice'], 'two');
    await until(() => world.received.length === 1);
    world.attack = {};
    await world.server.publish(['alice'], 'three');
    await until(() => world.received.length === 2);
    expect(world.received).toEqual([
      [2n, 'two'],
      [3n, 'three'],
    ]);
    await client.close();
    expect((await world.state.load()).savedOrder).toBe(3n);
  });

  test('off: a frame that was repeated is known again, which is the one thing a client can do', async () => {
    const world = await World.open(off);
    await world.connect();
    world.attack = repeat('toClient');
    await world.server.publish(['alice'], 'one');
    await until(() => world.clientFaults.length > 0);
    expect(world.clientFaults[0]).toBe('E_FRAME');
  });

  test.each(inEachMode)(
    '%s: what was %s ends the session, and nothing is missing after it',
    async (_, _change, attack, mode) => {
      const world = await World.open(mode);
      await world.connect();
      world.attack = attack('toClient');
      await world.server.publish(['alice'], 'one');
      await world.server.publish(['alice'], 'two');
      await until(() => world.clientFaults.length > 0);
      expect(world.clientFaults[0]).toBe('E_FRAME');
      world.attack = {};
      await until(() => world.received.length === 2);
      expect(world.received).toEqual([
        [1n, 'one'],
        [2n, 'two'],
      ]);
    },
  );
});

describe('requests of a client [S85, S53]', () => {
  test.each([
    ['dropped', drop, ['second']],
    ['swapped', swap, ['second', 'first']],
  ] as const)('off: what was %s is not noticed by the server', async (_, attack, expected) => {
    const world = await World.open(off);
    const client = await world.connect();
    world.attack = attack('toServer');
    for (const text of ['first', 'second']) void client.call(text).catch(() => {});
    await until(() => world.requests.length === expected.length);
    expect(world.requests).toEqual(expected);
    expect(world.serverFaults).toEqual([]);
  });

  test('off: what was repeated is told by its signature', async () => {
    const world = await World.open(off);
    const client = await world.connect();
    world.attack = repeat('toServer');
    void client.call('first').catch(() => {});
    await until(() => world.serverFaults.length > 0);
    expect(['E_FRAME', 'E_REQUEST_ID']).toContain(world.serverFaults[0]);
    expect(world.requests).toEqual(['first']);
  });

  test.each(inEachMode)(
    '%s: what was %s ends the session, and is asked again',
    async (_, _change, attack, mode) => {
      const world = await World.open(mode);
      const client = await world.connect();
      world.attack = attack('toServer');
      const answers = ['first', 'second'].map((text) => client.call(text, { idempotent: true }));
      await until(() => world.serverFaults.length > 0);
      expect(world.serverFaults[0]).toBe('E_FRAME');
      world.attack = {};
      expect(await Promise.all(answers)).toEqual(['first', 'second']);
    },
  );
});

describe('messages of a client [S85, S53, S61]', () => {
  test.each(
    [off, ...hardened].flatMap((mode) =>
      changes.map(([change, make]) => [mode.name, change, make, mode] as const),
    ),
  )('%s: what was %s ends the session, and each is handled once', async (_, _change, attack, mode) => {
    const world = await World.open(mode);
    const client = await world.connect();
    world.attack = attack('toServer');
    for (const text of ['first', 'second']) await client.send(text);
    await until(() => world.serverFaults.length > 0);
    // Without synthetic IVs it is the SEQUENCE that tells.
    expect(world.serverFaults[0]).toBe(mode === off ? 'E_SEQUENCE' : 'E_FRAME');
    world.attack = {};
    await until(() => world.orders.length === 2);
    expect(world.orders).toEqual(['first', 'second']);
  });
});
