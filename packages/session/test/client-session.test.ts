import { crypto } from '@sealwire/crypto';
import {
  decodeClientFrame,
  encodeServerError,
  encodeServerMessage,
  encodeServerRpc,
  heartbeat,
} from '@sealwire/framing';
import { describe, expect, it } from 'vitest';
import { utf8 } from './support/bytes.js';
import { clientKey } from './support/keys.js';
import { greeted, readyClient } from './support/peers.js';

const id = 1n << 62n;
const message = (order: bigint, json = '{}') => encodeServerMessage('documented', order, 1.5, utf8(json));

describe('becoming live', () => {
  it.each([
    ['a heartbeat', heartbeat()],
    ['a message', undefined],
  ])('happens at %s', async (_, frame) => {
    const { client, sealer } = await readyClient();
    expect(client.session.state).toBe('ready');
    await client.receive(frame ?? sealer.seal(message(1n)));
    expect(client.calls.slice(4, 5)).toEqual([['live']]);
    await client.receive(heartbeat(), heartbeat());
    expect(client.named('live')).toHaveLength(1);
  });
});

describe('a frame that cannot be accepted', () => {
  it.each([
    ['one byte that is not zero [S49]', Uint8Array.of(1)],
    ['no bytes [S49]', new Uint8Array(0)],
    ['an IV only [S49]', new Uint8Array(16)],
    ['33 bytes [S49]', new Uint8Array(33)],
    ['noise', new Uint8Array(64).fill(3)],
  ])('has %s', async (_, frame) => {
    const { client } = await readyClient();
    await client.receive(frame, heartbeat());
    expect(client.ended).toBe(1002);
    expect(client.error).toMatchObject({ code: 'E_FRAME' });
    expect(client.named('live')).toEqual([]);
  });

  it("is sealed with the client's own key [S62]", async () => {
    const { client, hello } = await readyClient();
    await client.receive(crypto.createSealer(hello.clientAesKey).seal(message(1n)));
    expect(client.ended).toBe(1002);
  });

  it('changes the layout within the session', async () => {
    const { client, sealer } = await readyClient();
    await client.receive(
      sealer.seal(message(1n)),
      sealer.seal(encodeServerMessage('deployed', 2n, 1.5, utf8('{}'))),
    );
    expect(client.named('message')).toHaveLength(1);
    expect(client.ended).toBe(1002);
  });

  it('is a text [S20]', async () => {
    const { client } = await readyClient();
    client.session.receiveText();
    expect(client.ended).toBe(1003);
    client.session.receiveText();
    expect(client.named('end')).toHaveLength(1);
  });
});

describe('ORDER', () => {
  async function orders(lastSeenOrder: bigint, ...numbers: readonly bigint[]) {
    const { client, sealer } = await readyClient({ lastSeenOrder, maxOrderGap: 100n });
    await client.receive(...sealer.sealBatch(numbers.map((order) => message(order))));
    return { client, got: client.named('message').map((call) => call[1]) };
  }

  it('equal to or below the last is dropped and counted [S57, M7]', async () => {
    const { client, got } = await orders(5n, 5n, 4n, 6n, 6n, -1n, 9n, 7n, 10n);
    expect(got).toEqual([6n, 9n, 10n]);
    expect(client.session.duplicates).toBe(5);
    expect(client.ended).toBeUndefined();
  });

  it('may have holes up to maxOrderGap [S56]', async () => {
    const { client, got } = await orders(5n, 105n, 205n, 306n, 307n);
    expect(got).toEqual([105n, 205n]);
    expect(client.ended).toBe(1002);
    expect(client.error).toMatchObject({ code: 'E_ORDER' });
  });

  it.each([-1n, 0n])('after %i, which is from the oldest kept, may begin anywhere', async (lastSeen) => {
    const { got } = await orders(lastSeen, (1n << 63n) - 1n);
    expect(got).toEqual([(1n << 63n) - 1n]);
  });

  it('that bits of an IV were flipped in is taken up to maxOrderGap and refused beyond [S56, F7, M7]', async () => {
    for (const [byte, bit, ended] of [
      [15, 2, undefined],
      [8, 0x40, 1002],
    ] as const) {
      const { client, sealer } = await readyClient({ lastSeenOrder: 1n });
      const frame = sealer.seal(message(2n));
      frame[byte] = (frame[byte] ?? 0) ^ bit;
      // ORDER is in bytes 8 to 16 of the first block: 2 becomes 0, or 2^62 + 2.
      await client.receive(frame);
      expect(client.ended).toBe(ended);
      expect(client.named('message')).toEqual([]);
    }
  });
});

describe('what a server says', () => {
  it('reaches the driver as it came', async () => {
    const { client, sealer } = await readyClient();
    const frames = [message(1n, '{"a":9007199254740993}'), encodeServerRpc('documented', id, utf8('[]'))];
    await client.receive(...sealer.sealBatch([...frames, encodeServerError('documented', 'no')]));
    expect(client.calls.slice(5)).toEqual([
      // The bytes are kept, so that a number beyond 2^53 can be read exactly (S78).
      ['message', 1n, 1.5, '{"a":9007199254740993}'],
      ['answer', id, '[]'],
      ['error', 'no'],
    ]);
  });

  it('as ERROR is made safe and cut [S65]', async () => {
    const { client, sealer } = await readyClient();
    await client.receive(sealer.seal(encodeServerError('documented', '\u001b[2J\r\n\0x')));
    await client.receive(sealer.seal(encodeServerError('documented', 'y'.repeat(1_048_576))));
    expect(client.named('error').map((call) => call[1])).toEqual([
      '\\u001b[2J\\u000d\\u000a\\u0000x',
      'y'.repeat(4_096),
    ]);
  });

  it('as ERROR that is not UTF-8 ends the session [S65]', async () => {
    const { client, sealer } = await readyClient();
    await client.receive(sealer.seal(Uint8Array.of(0, 0, 0, 3, 0, 0, 0, 8, 0, 0, 0, 1, 0xff, 0, 0, 0)));
    expect(client.ended).toBe(1002);
  });
});

describe('sending', () => {
  it('signs and seals in the order of the calls, and leaves with flush', async () => {
    const { client, opener } = await readyClient();
    client.session.sendMessage(0n, utf8('{"a":1}'));
    client.session.sendRequest(id, utf8('{"b":2}'));
    expect(client.jobs.map((job) => job.kind)).toEqual(['sign', 'sign']);
    client.session.flush();
    expect(client.take()).toEqual([]);
    await client.work();
    expect(client.named('transmit').at(-1)).toEqual(['transmit', 320, 320]);
    for (const [frame, type, number] of [
      [client.sent[0], 1, 0n],
      [client.sent[1], 2, id],
    ] as const) {
      const decoded = decodeClientFrame(opener.open(frame ?? new Uint8Array()), 'documented');
      expect(decoded).toMatchObject({ type, number });
      expect(await clientKey.publicKey.verify(decoded.data, decoded.signature)).toBe(true);
    }
  });

  it.each([-1n, 1n << 62n, 1n << 63n])('refuses SEQUENCE %i', async (sequence) => {
    const { client } = await readyClient();
    expect(() => client.session.sendMessage(sequence, utf8('{}'))).toThrow(
      expect.objectContaining({ code: 'E_SEQUENCE' }),
    );
    client.session.sendMessage((1n << 62n) - 1n, utf8('{}'));
    expect(client.jobs).toHaveLength(1);
  });

  it.each([0n, (1n << 62n) - 1n, 1n << 63n])('refuses REQUEST_ID %i', async (requestId) => {
    const { client } = await readyClient();
    expect(() => client.session.sendRequest(requestId, utf8('{}'))).toThrow(
      expect.objectContaining({ code: 'E_REQUEST_ID' }),
    );
    client.session.sendRequest((1n << 63n) - 1n, utf8('{}'));
    expect(client.jobs).toHaveLength(1);
  });

  it.each(['documented', 'deployed'] as const)(
    'builds no %s frame beyond maxFrameBytes, and each one up to it [S80]',
    async (layout) => {
      const { client } = await readyClient({ layout, maxFrameBytes: 1_024 });
      let longest = 0;
      for (let length = 600; length < 800; length += 1) {
        try {
          client.session.sendMessage(0n, new Uint8Array(length));
          longest = length;
        } catch (error) {
          expect(error).toMatchObject({ code: 'E_OVERFLOW' });
        }
      }
      // 1,024 bytes are an IV and 63 blocks, of which one byte at least is padding.
      expect(longest).toBe(63 * 16 - 4 - (4 + 256 + 4 + 4 + 8 + 4));
      expect(client.jobs).toHaveLength(longest - 599);
      await client.work();
      expect(Math.max(...client.take().map((frame) => frame.length))).toBe(1_024);
    },
  );

  it('is refused before the proof is out and after the end', async () => {
    const { client } = await greeted();
    const send = () => client.session.sendMessage(0n, utf8('{}'));
    expect(send).toThrow(expect.objectContaining({ code: 'E_STATE' }));
    client.session.flush();
    client.session.destroy();
    expect(send).toThrow(expect.objectContaining({ code: 'E_STATE' }));
  });

  it('ends the session when a message cannot be signed or sealed', async () => {
    const unsigned = await readyClient();
    unsigned.client.session.sendMessage(0n, utf8('{}'));
    const away = new Error('the device is away');
    unsigned.client.session.complete(away);
    expect(unsigned.client.ended).toBe(1001);
    expect(unsigned.client.error).toMatchObject({ code: 'E_CRYPTO', cause: away });

    const createSealer: typeof crypto.createSealer = (key) => crypto.createSealer(key, { maxBlocks: 8 });
    const exhausted = await readyClient({ crypto: { ...crypto, createSealer } });
    exhausted.client.session.sendMessage(0n, utf8('{}'));
    await exhausted.client.work();
    expect(exhausted.client.ended).toBe(1001);
    expect(exhausted.client.error).toMatchObject({ code: 'E_CRYPTO', cause: { code: 'E_EXHAUSTED' } });
  });
});

describe('destroy', () => {
  it.each(['live', 'message', 'answer', 'error'] as const)(
    'within %s is the last thing that happens',
    async (when) => {
      const { client, sealer } = await readyClient({
        on: (call, side) => {
          if (call === when) side.session.destroy();
        },
      });
      const plain = [
        message(1n),
        encodeServerRpc('documented', id, utf8('[]')),
        encodeServerError('documented', 'no'),
      ];
      await client.receive(...sealer.sealBatch(plain), heartbeat());
      client.pass(1e9);
      expect(client.calls.at(-1)?.[0]).toBe(when);
      expect(client.session.nextTick).toBe(Number.POSITIVE_INFINITY);
    },
  );

  it('makes results that are still on their way harmless', async () => {
    const { client } = await readyClient();
    client.session.sendMessage(0n, utf8('{}'));
    client.session.destroy();
    client.session.destroy();
    await client.work();
    client.session.resumeReading();
    expect(client.take()).toEqual([]);
    expect(client.ended).toBeUndefined();
  });
});
