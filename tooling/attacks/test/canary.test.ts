import { inspect } from 'node:util';
import { connect } from '@sealwire/client';
import { type Crypto, crypto } from '@sealwire/crypto';
import { describe, expect, test } from 'vitest';
import { aliceKey, publicKeys } from './toolkit/keys.js';
import { everyMode } from './toolkit/modes.js';
import { until, World } from './toolkit/world.js';

const payload = 'canary-of-a-payload';

/** Keeps every AES key, every output of HKDF with the tag and the MAC keys, and the random parts of challenges. */
function watched(): { readonly crypto: Crypto; readonly secrets: Uint8Array[] } {
  const secrets: Uint8Array[] = [];
  // What is shorter is found by chance.
  const keep = (bytes: Uint8Array): void => {
    if (bytes.length >= 20) secrets.push(Uint8Array.from(bytes));
  };
  const watching: Crypto = {
    ...crypto,
    // AES keys, nonces and plain challenges.
    randomBytes: (length) => {
      const bytes = crypto.randomBytes(length);
      keep(bytes);
      return bytes;
    },
    createSealer: (key, options) => {
      keep(key);
      return crypto.createSealer(key, options);
    },
    createOpener: (key, options) => {
      keep(key);
      return crypto.createOpener(key, options);
    },
    hkdfSha512: (...given) => {
      const derived = crypto.hkdfSha512(...given);
      for (let at = 0; at < derived.length; at += 32) keep(derived.subarray(at, at + 32));
      return derived;
    },
  };
  return { crypto: watching, secrets };
}

/** As Node, JSON and a template would print it, with and without white space. */
function printed(value: unknown): string {
  const deep = inspect(value, { showHidden: true, getters: true, depth: 12, maxArrayLength: null });
  const json = JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? String(each) : each));
  return [deep.replace(/\s+/g, ' '), json, String(value)].join('\n');
}

function looks(bytes: Uint8Array): string[] {
  const hex = Buffer.from(bytes).toString('hex', 0, 10);
  const base64 = Buffer.from(bytes).toString('base64').slice(0, 16);
  return [
    hex,
    (hex.match(/../g) ?? []).join(' '),
    base64,
    bytes.subarray(0, 5).join(', '),
    bytes.subarray(0, 8).join(),
  ];
}

describe.each(everyMode)('what is printed, $name', (mode) => {
  test('of a client, a server, their events, states and errors holds no key, challenge or payload [S83]', async () => {
    const [ours, theirs] = [watched(), watched()];
    const world = await World.open(mode, { crypto: theirs.crypto });
    const client = await world.connect({ crypto: ours.crypto });
    await client.send(payload);
    await until(() => world.orders.length > 0);
    const failures: unknown[] = [
      await client.send({ [payload]: 1n }).catch((error: unknown) => error),
      await client.call(payload, { schema: never }).catch((error: unknown) => error),
    ];
    // A frame that was altered, and a handshake that is refused.
    world.attack = {
      toServer: ({ bytes }) => [bytes.map((byte, index) => (index === 40 ? byte ^ 1 : byte))],
    };
    void client.send(payload).catch(() => {});
    await until(() => world.serverFaults.length > 1);

    const objects = [client, world.server, world.events, world.states, failures, world.state];
    const text = objects.map(printed).join('\n');
    const secrets = [...ours.secrets, ...theirs.secrets].flatMap(looks);
    // The search finds what is there.
    expect(secrets.some((look) => printed({ key: ours.secrets[0] }).includes(look))).toBe(true);
    expect(secrets.filter((look) => text.includes(look))).toEqual([]);
    expect(failures.map(printed).join()).not.toContain(payload);
    expect([world.events, world.states].map(printed).join()).not.toContain(payload);
    expect(text).not.toContain('PRIVATE KEY');
  });
});

test('of options that are refused it holds none either [S83]', async () => {
  const options = {
    clientId: 'alice',
    clientKey: aliceKey,
    serverKey: publicKeys.server,
    context: payload.repeat(100),
  };
  const error = await connect({ ...options, dial: () => Promise.reject() }).catch(
    (refused: unknown) => refused,
  );
  expect(error).toMatchObject({ code: 'E_OPTION' });
  expect(printed(error)).not.toContain(payload);
});

const never = {
  '~standard': { version: 1 as const, vendor: 'test', validate: () => ({ issues: [{ message: 'never' }] }) },
};
