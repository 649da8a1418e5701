import { crypto } from '@sealwire/crypto';
import { decodeServerFrame } from '@sealwire/framing';
import { describe, expect, it } from 'vitest';
import { utf8 } from './support/bytes.js';
import { clientKey } from './support/keys.js';
import { hello, liveServer, type RawClient, signedFrame, welcomed } from './support/peers.js';
import { ServerSide } from './support/server-side.js';

const uniform = [1002, 'the frame cannot be accepted'];

/** ERROR text and close of a session that told its client what was wrong. */
function told({ server, opener }: RawClient): readonly unknown[] {
  const texts = server.take().map((frame) => decodeServerFrame(opener.open(frame), 'auto'));
  return [...texts.map((frame) => (frame.type === 3 ? frame.text : frame)), ...(server.ended ?? [])];
}

describe('a frame that cannot be accepted', () => {
  async function refused(
    frame: Uint8Array | ((raw: RawClient) => Uint8Array | Promise<Uint8Array>),
  ): Promise<void> {
    const raw = await liveServer();
    await raw.server.receive(typeof frame === 'function' ? await frame(raw) : frame);
    expect(raw.server.endedLate).toEqual(uniform);
    expect(raw.server.error).toMatchObject({ code: 'E_FRAME' });
    expect(raw.server.take()).toEqual([]);
    expect(raw.server.named('message')).toEqual([]);
  }

  it.each([0, 1, 2, 15, 16, 17, 31, 33, 47, 319])('has %i bytes [S49]', async (length) => {
    await refused(crypto.randomBytes(length));
  });

  it('is a heartbeat, which only a server sends', async () => {
    await refused(Uint8Array.of(0));
  });

  it('is altered in any one bit of its IV or its blocks [S55, F6]', async () => {
    const plain = await signedFrame(1, 0n, '{}');
    // One bit of each byte, so that every block and every field is hit.
    // IV, 256 bytes of signature with length, type and length, 16 bytes of data, padding.
    for (let byte = 0; byte < 16 + 288; byte += 1) {
      await refused(({ sealer }) => {
        const frame = sealer.seal(plain);
        expect(frame).toHaveLength(16 + 288);
        frame[byte] = (frame[byte] ?? 0) ^ (1 << (byte % 8));
        return frame;
      });
    }
  });

  it.each([0, 3, 4, -1, -(2 ** 31)])('has the type %i [S58]', async (type) => {
    await refused(async ({ sealer }) => {
      const plain = (await signedFrame(1, 0n, '{}')).slice();
      new DataView(plain.buffer).setInt32(260, type);
      return sealer.seal(plain);
    });
  });

  it.each([255, 257, 0, 2 ** 32 - 1])('names a signature of %i bytes [S60]', async (length) => {
    await refused(async ({ sealer }) => {
      const plain = (await signedFrame(1, 0n, '{}')).slice();
      new DataView(plain.buffer).setUint32(0, length);
      return sealer.seal(plain);
    });
  });

  it('is sealed with the key of the other direction [S62]', async () => {
    await refused(async ({ welcome }) =>
      crypto.createSealer(welcome.serverAesKey).seal(await signedFrame(1, 0n, '{}')),
    );
  });

  it('ends the session behind what came before it, and nothing that follows it is looked at', async () => {
    const { server, sealer } = await liveServer();
    const plain = [await signedFrame(1, 0n, '{}'), await signedFrame(1, 1n, '{}')];
    const [good, next] = sealer.sealBatch(plain);
    if (good === undefined || next === undefined) expect.unreachable();
    server.session.receive([good, new Uint8Array(32), next]);
    expect(server.ended).toBeUndefined();
    server.session.receive([next]);
    expect(server.jobs).toHaveLength(2);
    await server.work();
    expect(server.endedLate).toEqual(uniform);
    expect(server.named('message')).toEqual([['message', 0n, '{}']]);
  });

  it.each<[string, (raw: RawClient, plain: Uint8Array) => Uint8Array]>([
    ['no whole block', () => new Uint8Array(33)],
    ['bad padding', ({ sealer }, plain) => flipLast(sealer.seal(plain))],
    ['bad XDR', ({ sealer }, plain) => sealer.seal(plain.subarray(0, 40))],
    ['a signature that is too short', ({ sealer }, plain) => sealer.seal(shortSignature(plain))],
    ['a bad signature', ({ sealer }, plain) => sealer.seal(plain.with(100, (plain[100] ?? 0) ^ 1))],
  ])(
    'with %s costs one verification of the size of the key, no more and no less [S81, M10]',
    async (_, make) => {
      const raw = await liveServer();
      raw.server.session.receive([make(raw, await signedFrame(1, 0n, '{}'))]);
      expect(raw.server.ended).toBeUndefined();
      const [job, ...others] = raw.server.jobs;
      expect(others).toEqual([]);
      expect(job).toMatchObject({ kind: 'verify', signature: { length: 256 } });
      await raw.server.work();
      expect(raw.server.endedLate).toEqual(uniform);
    },
  );

  it('is none for a signature that somebody could make of it', async () => {
    const { server } = await liveServer();
    server.session.receive([new Uint8Array(32)]);
    server.session.complete(true);
    expect(server.endedLate).toEqual(uniform);
  });
});

function flipLast(frame: Uint8Array): Uint8Array {
  return frame.with(-1, (frame.at(-1) ?? 0) ^ 1);
}

/** One word of it is gone, and the length says so. */
function shortSignature(plain: Uint8Array): Uint8Array {
  const short = Uint8Array.of(...plain.subarray(0, 256), ...plain.subarray(260));
  new DataView(short.buffer).setUint32(0, 252);
  return short;
}

describe('a text message', () => {
  it('ends a live session with 1003 [S20]', async () => {
    const { server } = await liveServer();
    server.session.receiveText();
    expect(server.ended?.[0]).toBe(1003);
    expect(server.error).toMatchObject({ code: 'E_TEXT_FRAME' });
    server.session.receiveText();
    expect(server.named('end')).toHaveLength(1);
  });
});

describe('SEQUENCE', () => {
  it('goes on by one from what the claim said', async () => {
    const { server, sealer } = await liveServer({ lastSequence: 41n });
    await server.receive(
      sealer.seal(await signedFrame(1, 42n, '{}')),
      sealer.seal(await signedFrame(1, 43n, '{}')),
    );
    expect(server.named('message')).toEqual([
      ['message', 42n, '{}'],
      ['message', 43n, '{}'],
    ]);
  });

  it.each([41n, 43n, 40n, 0n, -1n, 1n << 62n, (1n << 63n) - 1n])(
    '%i after 41 is told and closed with 4001, and nothing is done [S61]',
    async (sequence) => {
      const raw = await liveServer({ lastSequence: 41n });
      await raw.server.receive(raw.sealer.seal(await signedFrame(1, sequence, '{}')));
      expect(told(raw)).toEqual([`4001 invalid SEQUENCE ${sequence}, expected 42`, 4001, '']);
      expect(raw.server.named('message')).toEqual([]);
      expect(raw.server.error).toMatchObject({ code: 'E_SEQUENCE' });
    },
  );

  it('ends at 2^62 - 1 [X8]', async () => {
    const last = (1n << 62n) - 1n;
    const raw = await liveServer({ lastSequence: last - 1n });
    await raw.server.receive(raw.sealer.seal(await signedFrame(1, last, '{}')));
    expect(raw.server.named('message')).toEqual([['message', last, '{}']]);
    await raw.server.receive(raw.sealer.seal(await signedFrame(1, last + 1n, '{}')));
    expect(raw.server.ended).toEqual([4001, '']);
  });

  it('is not that of a replayed frame, whatever its IV [S53, S54, F8]', async () => {
    const raw = await liveServer();
    const plain = await signedFrame(1, 0n, '{}');
    await raw.server.receive(raw.sealer.seal(plain), raw.sealer.seal(plain));
    expect(raw.server.named('message')).toHaveLength(1);
    expect(raw.server.ended).toEqual([4001, '']);
  });
});

describe('a request', () => {
  const id = 1n << 62n;

  it('may have any REQUEST_ID, and the id of an answered one', async () => {
    const { server, sealer } = await liveServer();
    for (const number of [0n, -1n, (1n << 63n) - 1n, id]) {
      await server.receive(sealer.seal(await signedFrame(2, number, '{}')));
      server.session.sendAnswer(number, utf8('[]'));
    }
    await server.receive(sealer.seal(await signedFrame(2, id, '{"again":1}')));
    expect(server.named('request')).toHaveLength(5);
    expect(server.ended).toBeUndefined();
  });

  it('ends the session if its REQUEST_ID is in flight', async () => {
    const raw = await liveServer();
    await raw.server.receive(
      raw.sealer.seal(await signedFrame(2, id, '{}')),
      raw.sealer.seal(await signedFrame(2, id, '{}')),
    );
    expect(raw.server.named('request')).toHaveLength(1);
    expect(told(raw)).toEqual([`1002 REQUEST_ID ${id} is in flight`, 1002, '']);
    expect(raw.server.error).toMatchObject({ code: 'E_REQUEST_ID' });
  });

  it('ends the session if it was recorded and sent again after its answer [S53, S54]', async () => {
    const { server, sealer } = await liveServer();
    const plain = await signedFrame(2, id, '{}');
    await server.receive(sealer.seal(plain));
    server.session.sendAnswer(id, utf8('[]'));
    await server.receive(sealer.seal(plain));
    expect(server.named('request')).toHaveLength(1);
    expect(server.endedLate).toEqual(uniform);
  });

  it('whose signed data are sent as a message is out of sequence [S59, X7]', async () => {
    const { server, sealer } = await liveServer();
    const plain = (await signedFrame(2, id, '{}')).slice();
    new DataView(plain.buffer).setInt32(260, 1);
    await server.receive(sealer.seal(plain));
    expect(server.ended).toEqual([4001, '']);
  });

  it('is answered once', async () => {
    const raw = await liveServer();
    await raw.server.receive(raw.sealer.seal(await signedFrame(2, id, '{}')));
    raw.server.session.sendAnswer(id, utf8('[1]'));
    raw.server.session.sendAnswer(id, utf8('[2]'));
    raw.server.session.sendAnswer(id + 1n, utf8('[3]'));
    raw.server.session.flush();
    expect(raw.server.take().map((frame) => decodeServerFrame(raw.opener.open(frame), 'auto'))).toEqual([
      { type: 2, layout: 'documented', requestId: id, json: utf8('[1]') },
    ]);
  });
});

describe('fail', () => {
  it('sends what is queued, then ERROR, then closes', async () => {
    const raw = await liveServer();
    raw.server.session.sendMessage(1n, 2, utf8('{}'));
    raw.server.session.fail(4002, 'again\nthe same', new Error('duplicate'));
    expect(told(raw)).toMatchObject([{ type: 1, order: 1n }, 'again\\u000athe same', 4002, '']);
    raw.server.session.fail(1007, 'more', new Error('more'));
    expect(raw.server.named('end')).toHaveLength(1);
    expect(raw.server.error).toMatchObject({ message: 'duplicate' });
  });

  it('uses the documented layout while the layout is not known', async () => {
    const raw = await liveServer({ layout: 'auto' });
    raw.server.session.fail(4000, 'newer', new Error('newer'));
    const [frame] = raw.server.take();
    expect(decodeServerFrame(raw.opener.open(frame ?? new Uint8Array()), 'documented')).toMatchObject({
      text: 'newer',
    });
  });

  it('cuts its text to 4 KiB', async () => {
    const raw = await liveServer();
    raw.server.session.fail(4002, 'x'.repeat(10_000), new Error('long'));
    expect(told(raw)[0]).toHaveLength(4_096);
  });
});

describe('sending', () => {
  it('is refused before the session lives and after it ended', async () => {
    const { server } = await welcomed();
    const send = () => server.session.sendMessage(1n, 1, utf8('{}'));
    expect(send).toThrow(expect.objectContaining({ code: 'E_STATE' }));
    server.session.flush();
    server.session.destroy();
    expect(send).toThrow(expect.objectContaining({ code: 'E_STATE' }));
    expect(server.named('transmit')).toHaveLength(1);
  });

  it('ends the session when the messages cannot be sealed', async () => {
    const createSealer: typeof crypto.createSealer = (key) => crypto.createSealer(key, { maxBlocks: 8 });
    const { server } = await liveServer({ crypto: { ...crypto, createSealer } });
    for (let order = 1n; order <= 3n; order += 1n) server.session.sendMessage(order, 1, utf8('{}'));
    server.session.flush();
    expect(server.ended).toEqual([1011, '']);
    expect(server.error).toMatchObject({ code: 'E_CRYPTO', cause: { code: 'E_EXHAUSTED' } });
  });
});

describe('destroy', () => {
  it.each([
    ['run', []],
    ['identify', ['identify']],
    ['transmit', ['identify', 'transmit']],
  ] as const)('within %s of the handshake is the last thing that happens', async (when, expected) => {
    const server = new ServerSide({
      on: (call, side) => {
        if (call === when) side.session.destroy();
      },
    });
    await server.receive(await hello());
    server.pass(1e9);
    expect(server.calls.map(([call]) => call)).toEqual(expected);
  });

  it.each(['claim', 'live', 'layoutKnown', 'message', 'request'] as const)(
    'within %s lets nothing follow, not even for frames that waited',
    async (when) => {
      const raw = await welcomed({
        layout: 'auto',
        on: (call, side) => {
          if (call === when) side.session.destroy();
        },
      });
      const frames = raw.sealer.sealBatch([await signedFrame(1, 0n, '{}'), await signedFrame(2, 0n, '{}')]);
      await raw.server.receive(await clientKey.sign(raw.welcome.dataToSign), ...frames);
      expect(raw.server.calls.at(-1)?.[0]).toBe(when);
      expect(raw.server.session.state).toBe('ended');
      expect(raw.server.session.nextTick).toBe(Number.POSITIVE_INFINITY);
    },
  );

  it('while the first heartbeat is sent lets nothing follow', async () => {
    const { server } = await liveServer({
      on: (call, side) => {
        if (call === 'transmit' && side.session.state === 'live') side.session.destroy();
      },
    });
    expect(server.calls.at(-1)).toEqual(['transmit', 1]);
  });

  it('makes results that are still on their way harmless', async () => {
    const { server, sealer } = await liveServer();
    server.session.receive([sealer.seal(await signedFrame(1, 0n, '{}'))]);
    server.session.destroy();
    await server.work();
    server.session.heard();
    server.session.receivePong();
    server.session.destroy();
    expect(server.named('message')).toEqual([]);
  });
});
