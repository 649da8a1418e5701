import { crypto } from '@sealwire/crypto';
import { encodeHello } from '@sealwire/framing';
import { describe, expect, it } from 'vitest';
import { defaultDeadlines, type Job } from '../src/index.js';
import { utf8 } from './support/bytes.js';
import { clientKey, keyOf, serverKey } from './support/keys.js';
import { aesKey, hello, liveServer, signedFrame, welcomed } from './support/peers.js';
import { ServerSide } from './support/server-side.js';
import { signAnyhow } from './support/signatures.js';

const refusal = defaultDeadlines.refusal;

/** A refused handshake: nothing goes out, and the close comes 100 ms after the frame, whatever the cause. */
function expectRefusal(server: ServerSide, frames: number, code = 1008): void {
  expect(server.session.state).toBe('refused');
  expect(server.ended).toBeUndefined();
  expect(server.session.nextTick).toBe(server.clock.now() + refusal);
  server.pass(refusal - 1);
  expect(server.ended).toBeUndefined();
  server.pass(1);
  expect(server.ended).toEqual([code, '']);
  expect(server.named('transmit')).toHaveLength(frames);
  expect(server.named('live')).toEqual([]);
  expect(server.session.nextTick).toBe(Number.POSITIVE_INFINITY);
}

async function refusedHello(frame: Uint8Array): Promise<{ server: ServerSide; kinds: Job['kind'][] }> {
  const kinds: Job['kind'][] = [];
  const server = new ServerSide({
    on: (call, side) => {
      const job = side.jobs.at(-1);
      if (call === 'run' && job !== undefined) kinds.push(job.kind);
    },
  });
  await server.receive(frame);
  expectRefusal(server, 0);
  return { server, kinds };
}

async function encrypted(plaintext: Uint8Array): Promise<Uint8Array> {
  return serverKey.publicKey.encrypt(plaintext);
}

describe('a hello', () => {
  const plain = encodeHello({ clientId: utf8('test'), lastSeenOrder: -1n, clientAesKey: aesKey });

  it.each([0, 1, 255, 257, 512])('of %i bytes is refused without RSA [S1]', async (length) => {
    const { kinds } = await refusedHello(new Uint8Array(length));
    expect(kinds).toEqual([]);
  });

  it('of random bytes is refused [S2]', async () => {
    const frame = crypto.randomBytes(256);
    frame[0] = 0;
    await refusedHello(frame);
  });

  it('that is no integer below the modulus is refused [S3]', async () => {
    await refusedHello(new Uint8Array(256).fill(0xff));
  });

  it('is refused when its plaintext is cut at any byte [S4, H3]', async () => {
    for (let length = 0; length < plain.length; length += 1) {
      await refusedHello(await encrypted(plain.subarray(0, length)));
    }
  });

  it('is refused with bytes after its last field [S5]', async () => {
    for (const extra of [1, 4])
      await refusedHello(await encrypted(Uint8Array.of(...plain, ...new Uint8Array(extra))));
  });

  it('is refused with padding that is not zero [S6]', async () => {
    const bytes = encodeHello({ clientId: utf8('tes'), lastSeenOrder: -1n, clientAesKey: aesKey });
    bytes[7] = 1;
    await refusedHello(await encrypted(bytes));
  });

  it.each([0, 16, 24, 31, 33])('is refused with an AES key of %i bytes [S7]', async (length) => {
    await refusedHello(await hello({ clientAesKey: crypto.randomBytes(length) }));
  });

  it('is refused with an AES key of equal bytes [S8]', async () => {
    for (const byte of [0, 0x41, 0xff])
      await refusedHello(await hello({ clientAesKey: new Uint8Array(32).fill(byte) }));
  });

  it.each(['', 'x'.repeat(65), 'ümläut', 'a\0b', 'a b', 'a\nb', '\x7f'])(
    'is refused with the client id %j, and nobody is asked who that is [S9]',
    async (clientId) => {
      const { server } = await refusedHello(await hello({ clientId: utf8(clientId) }));
      expect(server.named('identify')).toEqual([]);
    },
  );

  it.each(['../x', '__proto__', 'constructor', '!', '~', 'x'.repeat(64)])(
    'may carry the client id %j, which is only a text [S9]',
    async (clientId) => {
      const { server } = await refusedHello(await hello({ clientId: utf8(clientId) }));
      expect(server.named('identify')).toEqual([['identify', clientId, -1n]]);
    },
  );

  it.each([-2n, -(1n << 63n)])('is refused with LAST SEEN ORDER %i [S13]', async (lastSeenOrder) => {
    await refusedHello(await hello({ lastSeenOrder }));
  });

  it.each([-1n, 0n, 1n << 62n, (1n << 63n) - 1n])(
    'may carry LAST SEEN ORDER %i [S13]',
    async (lastSeenOrder) => {
      const { server } = await welcomed({}, clientKey, { lastSeenOrder });
      expect(server.named('identify')).toEqual([['identify', 'test', lastSeenOrder]]);
      expect(server.session.state).toBe('proof');
    },
  );

  it('may have the size of any key of the server', async () => {
    const server = new ServerSide({ modulusBytes: [384, 256] });
    await server.receive(await hello());
    expect(server.session.state).toBe('proof');
  });

  it('is refused when it comes as text [S20]', () => {
    const server = new ServerSide();
    server.session.receiveText();
    expectRefusal(server, 0);
    expect(server.error).toMatchObject({ code: 'E_TEXT_FRAME' });
  });

  it('is refused when a second frame follows before the welcome', async () => {
    const server = new ServerSide();
    server.session.receive([await hello(), new Uint8Array(256)]);
    await server.work();
    expectRefusal(server, 0);
  });
});

describe('a proof', () => {
  async function refusedProof(
    make: (challenge: Uint8Array) => Promise<Uint8Array> | Uint8Array,
  ): Promise<void> {
    const { server, welcome } = await welcomed();
    await server.receive(await make(welcome.dataToSign));
    expectRefusal(server, 1);
    expect(server.named('claim')).toEqual([]);
    expect(server.error).toMatchObject({ code: 'E_HANDSHAKE' });
  }

  it('lets the session live, and the first heartbeat says so [S23]', async () => {
    const { server, welcome } = await welcomed();
    expect(server.calls).toEqual([
      ['identify', 'test', -1n],
      ['transmit', 256],
    ]);
    await server.receive(await clientKey.sign(welcome.dataToSign));
    expect(server.calls.slice(2)).toEqual([
      ['claim'],
      ['live'],
      ['transmit', 1],
      ['layoutKnown', 'documented'],
    ]);
    expect(server.take().at(-1)).toEqual(Uint8Array.of(0));
  });

  it('is refused with another length [S14]', async () => {
    await refusedProof(async (challenge) => (await clientKey.sign(challenge)).subarray(0, 255));
    await refusedProof(async (challenge) => Uint8Array.of(...(await clientKey.sign(challenge)), 0));
    await refusedProof(async (challenge) => Uint8Array.of(0, ...(await clientKey.sign(challenge))));
    await refusedProof(() => new Uint8Array(0));
  });

  it("is refused over another connection's challenge [S15]", async () => {
    const other = await welcomed();
    await refusedProof(() => clientKey.sign(other.welcome.dataToSign));
  });

  it.each([
    ['a salt of 20 bytes', 'SHA-512', 20],
    ['a salt of 64 bytes', 'SHA-512', 64],
    ['a salt of 189 bytes', 'SHA-512', 189],
    ['SHA-256', 'SHA-256', 190],
    ['PKCS#1 v1.5', 'SHA-512', undefined],
  ] as const)('is refused with %s [S16]', async (_, hash, salt) => {
    await refusedProof((challenge) => signAnyhow('client2048', hash, salt, challenge));
  });

  it("is refused by another client's key [S17]", async () => {
    await refusedProof((challenge) => serverKey.sign(challenge));
  });

  it('is refused when a sealed frame comes in its place [S18]', async () => {
    const { server, sealer } = await welcomed();
    await server.receive(sealer.seal(await signedFrame(1, 0n, '{}')));
    expectRefusal(server, 1);
  });

  it('ends the session when it comes twice [S18]', async () => {
    const { server, welcome } = await welcomed();
    const proof = await clientKey.sign(welcome.dataToSign);
    await server.receive(proof, proof);
    expect(server.endedLate).toEqual([1002, 'the frame cannot be accepted']);
  });

  it('is refused when it comes as text [S20]', async () => {
    const { server } = await welcomed();
    server.session.receiveText();
    expectRefusal(server, 1);
  });

  it('has the size of the key of its client', async () => {
    const key = await keyOf('client3072');
    const { server } = await liveServer({}, key);
    expect(server.session.state).toBe('live');
  });
});

describe('an unknown client id', () => {
  it('is refused [S10]', async () => {
    const server = new ServerSide({ clientId: 'somebody else' });
    await server.receive(await hello());
    expectRefusal(server, 0);
  });
});

describe('time in the handshake', () => {
  it('ends without a hello after 3 s [S19]', () => {
    const server = new ServerSide();
    expect(server.session.nextTick).toBe(server.clock.now() + 3_000);
    server.pass(2_999);
    expect(server.ended).toBeUndefined();
    server.pass(1);
    expect(server.ended).toEqual([1008, '']);
    expect(server.error).toMatchObject({ code: 'E_DEADLINE' });
    expect(server.session.state).toBe('ended');
  });

  it('ends without a proof 5 s after the welcome [S19]', async () => {
    const server = new ServerSide();
    server.clock.advance(2_000);
    server.session.receive([await hello()]);
    server.clock.advance(1_000);
    await server.work();
    server.pass(4_999);
    expect(server.ended).toBeUndefined();
    server.pass(1);
    expect(server.ended).toEqual([1008, '']);
  });

  it('blames the server, not the client, where its welcome is not made in time [D5]', async () => {
    const server = new ServerSide({ manual: ['identify'] });
    await server.receive(await hello());
    expect(server.session.state).toBe('welcome');
    server.pass(4_999);
    expect(server.ended).toBeUndefined();
    server.pass(1);
    expect(server.ended).toEqual([1013, '']);
    expect(server.error).toMatchObject({
      code: 'E_DEADLINE',
      message: expect.stringContaining('the server'),
    });
  });

  it('does not count while the store is asked at the claim', async () => {
    const { server, welcome } = await welcomed({ manual: ['claim'] });
    await server.receive(await clientKey.sign(welcome.dataToSign));
    server.pass(60_000);
    server.claim();
    expect(server.session.state).toBe('live');
  });

  it('runs from the frame, not from the check that failed [H2, M10]', async () => {
    const server = new ServerSide();
    server.session.receive([crypto.randomBytes(256).fill(0, 0, 1)]);
    server.clock.advance(40);
    await server.work();
    expect(server.session.nextTick).toBe(server.clock.now() + 60);

    const late = await welcomed();
    late.server.session.receive([new Uint8Array(256)]);
    late.server.clock.advance(70);
    // What is pipelined behind a proof does not move its refusal.
    late.server.session.receive([new Uint8Array(48)]);
    await late.server.work();
    expect(late.server.session.nextTick).toBe(late.server.clock.now() + 30);
  });

  it('of a check that took longer than the delay is over at once [M10]', async () => {
    const server = new ServerSide({ manual: ['identify'] });
    await server.receive(await hello());
    server.clock.advance(500);
    server.session.identified(undefined);
    server.session.tick();
    expect(server.ended).toEqual([1008, '']);
  });

  it('of a refusal is not moved by further frames', async () => {
    const server = new ServerSide();
    await server.receive(new Uint8Array(1));
    const at = server.session.nextTick;
    server.clock.advance(50);
    await server.receive(await hello(), new Uint8Array(3));
    server.session.receiveText();
    expect(server.session.nextTick).toBe(at);
    expect(server.calls).toEqual([]);
  });
});

describe('the claim', () => {
  it('is not made for a proof that is verified after its deadline [P13]', async () => {
    const { server, welcome } = await welcomed();
    server.session.receive([await clientKey.sign(welcome.dataToSign)]);
    server.clock.advance(defaultDeadlines.proof);
    await server.work();
    expect(server.calls.slice(2)).toEqual([['end', 1012, '']]);
    expect(server.error).toMatchObject({ code: 'E_DEADLINE' });
  });

  it('sends the client away when LAST SEEN SEQUENCE moved meanwhile', async () => {
    const { server } = await liveServer({ lastSequence: 3n, claimedSequence: 4n });
    expect(server.calls.slice(2)).toEqual([['claim'], ['end', 1012, '']]);
    expect(server.error).toMatchObject({ code: 'E_SEQUENCE' });
  });

  it('is not believed before the proof is verified', async () => {
    const { server, welcome } = await welcomed();
    server.claim();
    expect(server.session.state).toBe('proof');
    server.session.receive([await clientKey.sign(welcome.dataToSign)]);
    expect(server.session.state).toBe('claim');
    expect(() => server.claim()).toThrow(expect.objectContaining({ code: 'E_STATE' }));
    expect(server.named('live')).toEqual([]);
    await server.work();
    expect(server.session.state).toBe('live');
  });

  it('is ignored after the end', async () => {
    const { server, welcome } = await welcomed({ manual: ['claim'] });
    await server.receive(await clientKey.sign(welcome.dataToSign));
    server.session.destroy();
    server.claim();
    expect(server.session.state).toBe('ended');
    expect(server.named('live')).toEqual([]);
  });

  it('may fail the session instead', async () => {
    const { server, welcome } = await welcomed({ manual: ['claim'] });
    await server.receive(await clientKey.sign(welcome.dataToSign));
    server.session.fail(1011, 'no store', new Error('no store'));
    expect(server.calls.slice(2)).toEqual([['claim'], ['end', 1011, '']]);
  });
});

describe('frames behind the proof', () => {
  it('wait until the store has answered and are then handled in order', async () => {
    const { server, welcome, sealer } = await welcomed({ manual: ['claim'] });
    const frames = sealer.sealBatch([
      await signedFrame(1, 0n, '{"a":1}'),
      await signedFrame(1, 1n, '{"b":2}'),
    ]);
    await server.receive(await clientKey.sign(welcome.dataToSign), ...frames);
    expect(server.named('message')).toEqual([]);
    server.claim();
    await server.work();
    expect(server.named('message')).toEqual([
      ['message', 0n, '{"a":1}'],
      ['message', 1n, '{"b":2}'],
    ]);
  });

  it('are refused beyond the bound, in which each counts 64 bytes more than its length', async () => {
    for (const [size, fits] of [
      [0, 10],
      [36, 6],
      [640 - 64, 1],
    ] as const) {
      const { server, welcome } = await welcomed({ manual: ['claim'], maxPipelinedBytes: 640 });
      await server.receive(await clientKey.sign(welcome.dataToSign));
      for (let count = 0; count < fits; count += 1) await server.receive(new Uint8Array(size));
      expect(server.session.state).toBe('claim');
      await server.receive(new Uint8Array(size));
      expectRefusal(server, 1, 1013);
      expect(server.error).toMatchObject({ code: 'E_OVERFLOW' });
    }
  });
});

describe('a driver that errs', () => {
  it('may not hand over a result that nobody asked for', () => {
    const server = new ServerSide();
    expect(() => server.session.complete(utf8('x'))).toThrow(expect.objectContaining({ code: 'E_STATE' }));
    expect(server.session.state).toBe('hello');
  });

  it('may not identify the client before or after it was asked', async () => {
    const { server } = await welcomed();
    server.identify('test');
    expect(server.session.state).toBe('refused');
    const early = new ServerSide();
    early.identify('test');
    expect(early.session.state).toBe('refused');
    expect(early.named('transmit')).toEqual([]);
  });

  it('gets its own errors back, not a refusal', async () => {
    const failure = new Error('the directory is broken');
    const server = new ServerSide({
      on: (call) => {
        if (call === 'identify') throw failure;
      },
    });
    await expect(server.receive(await hello())).rejects.toBe(failure);
  });
});
