import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkIdFits, readOptions, usage } from '../src/options.js';

const right = ['--url', 'ws://127.0.0.1:1', '--id', 'demo', '--key', 'k', '--server-key', 's'];

function complaintOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'E_USAGE') return error.message;
    throw error;
  }
  throw new Error('nothing was wrong');
}

const complaint = (...args: string[]) => complaintOf(() => readOptions(args));
const without = (flag: string) => right.filter((_, i) => right[i] !== flag && right[i - 1] !== flag);

describe('options', () => {
  it('takes the four that are needed and fills in the rest', () => {
    expect(readOptions(right)).toEqual({
      url: 'ws://127.0.0.1:1',
      id: 'demo',
      key: resolve('k'),
      serverKey: resolve('s'),
      layout: 'documented',
      allowPlaintext: false,
      reconnectMax: 2000,
      journal: undefined,
    });
  });

  it('takes every flag', () => {
    const more = '--layout=deployed --allow-plaintext --reconnect-max 250 --journal j'.split(' ');
    expect(readOptions([...right, ...more])).toMatchObject({
      layout: 'deployed',
      allowPlaintext: true,
      reconnectMax: 250,
      journal: resolve('j'),
    });
  });

  it('gives help without anything else, and names every flag there', () => {
    expect(readOptions(['--help'])).toBe('help');
    const known = complaint('--x').match(/--[a-z-]+/g) ?? [];
    for (const flag of known.slice(1)) expect(usage).toContain(flag);
  });

  it.each([
    [
      without('--url'),
      '--url is missing: give the address of the server, such as --url ws://127.0.0.1:8080.',
    ],
    [
      without('--id'),
      '--id is missing: give the name that the server knows this client by, such as --id demo.',
    ],
    [
      without('--key'),
      "--key is missing: give the file of this client's private key; the demo server makes one, demo.key, and prints where.",
    ],
    [
      without('--server-key'),
      "--server-key is missing: give the file of the server's public key; the demo server prints where its server.pub is.",
    ],
    [[...right, '--lab'], /^--lab is not known: known are --url, --id, .*\.$/],
    [
      [...right, '--reconnect-max', '0'],
      '--reconnect-max 0 is not a whole number from 1 to 60000: give one.',
    ],
    [[...right, '--layout', 'auto'], '--layout auto is not known: choose one of documented, deployed.'],
    ...['ws://user:secret@127.0.0.1:1', 'ws://user@127.0.0.1:1', 'ws://user:se#cret@127.0.0.1:1'].map(
      (url): [string[], string] => [
        [...without('--url'), '--url', url],
        '--url holds a user name or a password, which do not belong there and end up in logs: take out what stands before the @; the keys prove who you are.',
      ],
    ),
    [
      [...without('--url'), '--url', 'ws://127.0.0.1:1/#here'],
      '--url has a #fragment, which the address of a WebSocket cannot have: take out what begins with #.',
    ],
    [
      [...right, '--reconnect-max', '-1'],
      '--reconnect-max -1 is not a whole number from 1 to 60000: give one.',
    ],
    [
      [...without('--id'), '--id', 'a b'],
      '--id holds a character that no id has: use printable ASCII without spaces.',
    ],
    [
      [...without('--id'), '--id', 'é'],
      '--id holds a character that no id has: use printable ASCII without spaces.',
    ],
  ])('refuses %j in one sentence', (args, sentence) => {
    if (typeof sentence === 'string') expect(complaint(...args)).toBe(sentence);
    else expect(complaint(...args)).toMatch(sentence);
  });
});

describe('an id', () => {
  // 2048 bits encrypt 214 bytes; 1024 bits would encrypt 86.
  it('fits up to what servers take', () => {
    expect(() => checkIdFits('x'.repeat(64), 214)).not.toThrow();
    expect(complaintOf(() => checkIdFits('x'.repeat(65), 214))).toBe(
      '--id has 65 characters, and servers take at most 64: take a shorter id.',
    );
  });

  it('that is too long for the key is told so', () => {
    expect(complaintOf(() => checkIdFits('x'.repeat(165), 214))).toBe(
      "--id has 165 characters, and the hello under this server's key has room for 164: take an id of at most 64.",
    );
    expect(() => checkIdFits('x'.repeat(36), 86)).not.toThrow();
    expect(complaintOf(() => checkIdFits('x'.repeat(37), 86))).toBe(
      "--id has 37 characters, and the hello under this server's key has room for 36: take an id of at most 36.",
    );
  });
});
