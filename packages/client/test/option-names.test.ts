import { beforeAll, describe, expect, test } from 'vitest';
import { type Keys, makeKeys } from './keys.js';
import { connected, rejection } from './set-up.js';

let keys: Keys;
beforeAll(async () => {
  keys = await makeKeys();
});

describe('the options of a call', () => {
  test.each([
    [null, 'are an object'],
    ['fast', 'are an object'],
    [{ timout: 5 }, 'the option timout does not exist: is it timeout?'],
    [{ timeout: 'soon' }, 'timeout is a number'],
  ])('%o are refused by name, in call, flush and close alike', async (wrong, words) => {
    const { client, server } = await connected(keys);
    const refused = { code: 'E_OPTION', message: expect.stringContaining(words) };
    expect(await rejection(client.call('x', wrong as never))).toMatchObject(refused);
    expect(await rejection(client.flush(wrong as never))).toMatchObject(refused);
    expect(() => client.close(wrong as never)).toThrow(expect.objectContaining(refused));
    expect(client.state.kind).toBe('live');
    expect(server.requests).toEqual([]);
    await client.close();
  });
});
