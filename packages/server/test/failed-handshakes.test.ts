import { crypto } from '@sealwire/crypto';
import { encodeHello } from '@sealwire/framing';
import { memoryTransport } from '@sealwire/transport';
import { describe, expect, it } from 'vitest';
import { defaultFailedHandshakeLimits, FailedHandshakes } from '../src/failed-handshakes.js';
import { TokenBucket } from '../src/token-bucket.js';
import { keyPair } from './keys.js';
import { hello, raw } from './raw.js';
import { virtualWorld, world } from './world.js';

/** Of the length of a hello, and none. */
const garbage = () => crypto.randomBytes(256).fill(0, 0, 1);

describe('a token bucket', () => {
  it('holds so many, and gets them back steadily', () => {
    let now = 0;
    const bucket = new TokenBucket({ perSecond: 2, burst: 3 }, () => now);
    expect([bucket.take(), bucket.take(), bucket.take(), bucket.take()]).toEqual([true, true, true, false]);
    expect(bucket.level).toBe(0);
    now = 499;
    expect(bucket.take()).toBe(false);
    now = 500;
    expect(bucket.take()).toBe(true);
    bucket.giveBack();
    expect(bucket.level).toBe(1);
    now = 60_000;
    expect(bucket.level).toBe(3);
    bucket.giveBack();
    expect(bucket.level).toBe(3);
  });

  it('goes into debt where nobody asks, as deep as it is high', () => {
    let now = 0;
    const bucket = new TokenBucket({ perSecond: 2, burst: 3 }, () => now);
    for (let n = 0; n < 5; n++) bucket.spend();
    expect(bucket.level).toBe(-2);
    for (let n = 0; n < 5; n++) bucket.spend();
    expect(bucket.level).toBe(-3);
    now = 1_500;
    expect(bucket.take()).toBe(false);
    now = 2_000;
    expect(bucket.take()).toBe(true);
  });
});

describe('failed handshakes', () => {
  const limits = {
    perSecondPerAddress: 1,
    burstPerAddress: 2,
    perSecond: 5,
    burst: 6,
    maxAddresses: 3,
  };

  function counted(given: Partial<typeof limits> = {}) {
    const time = { now: 0 };
    return { time, failures: new FailedHandshakes({ ...limits, ...given }, () => time.now) };
  }

  it('of one address are bounded, and those of another are not touched', () => {
    const { time, failures } = counted();
    failures.failed('a');
    expect(failures.exceeded('a', 'stranger')).toBeUndefined();
    failures.failed('a');
    expect(failures.exceeded('a', 'stranger')).toBe('failedHandshakes.perSecondPerAddress');
    expect(failures.exceeded('b', 'stranger')).toBeUndefined();
    time.now = 999;
    expect(failures.exceeded('a', 'stranger')).toBe('failedHandshakes.perSecondPerAddress');
    time.now = 1_000;
    expect(failures.exceeded('a', 'stranger')).toBeUndefined();
  });

  it('are made up for by a good proof from the same address, one by one', () => {
    const { failures } = counted();
    for (let n = 0; n < 4; n++) failures.failed('a');
    for (let n = 0; n < 2; n++) failures.proved('a');
    expect(failures.exceeded('a', 'stranger')).toBe('failedHandshakes.perSecondPerAddress');
    failures.proved('a');
    expect(failures.exceeded('a', 'stranger')).toBeUndefined();
  });

  it('of all addresses shut out strangers, and nobody else', () => {
    const { failures } = counted();
    for (const address of ['a', 'b', 'c', 'd', 'e', 'f']) failures.failed(address);
    expect(failures.exceeded('g', 'stranger')).toBe('failedHandshakes.perSecond');
    expect(failures.exceeded('g', 'known')).toBeUndefined();
  });

  it('are remembered of so many addresses', () => {
    const { failures } = counted({ burst: 1, perSecond: 1 });
    for (const address of ['a', 'a', 'b', 'c', 'd', 'e']) failures.failed(address);
    // Forgotten as the oldest; that of all addresses still counts.
    expect(failures.exceeded('a', 'known')).toBeUndefined();
    expect(failures.exceeded('a', 'stranger')).toBe('failedHandshakes.perSecond');
  });

  it('leave no debt that takes longer to pay than the burst', () => {
    const { failures, time } = counted({ burst: 4, perSecond: 4 });
    for (let n = 0; n < 1_000; n++) failures.failed('a');
    time.now = 2_900;
    expect(failures.exceeded('a', 'known')).toBe('failedHandshakes.perSecondPerAddress');
    time.now = 3_100;
    expect(failures.exceeded('a', 'stranger')).toBeUndefined();
  });
});

describe('a server that is sent garbage', () => {
  it('does no more RSA for its address, says 1013 as late as any refusal, and hears others [S22, M2]', async () => {
    // All of them are heard before the first has failed: a debt of 19 s.
    const crowd = 20;
    const elsewhere = memoryTransport({ closeTimeout: 100, remoteAddress: '192.0.2.9' });
    const nearby = memoryTransport({ closeTimeout: 100 });
    const serverKey = await keyPair('server');
    let decrypted = 0;
    const counting = {
      ...serverKey.privateKey,
      publicKey: serverKey.publicKey,
      decrypt(bytes: Uint8Array) {
        decrypted += 1;
        return serverKey.privateKey.decrypt(bytes);
      },
    };
    const { clock, events, dial } = await virtualWorld({
      listen: [nearby.listen, elsewhere.listen],
      serverKey: counting,
      deadlines: { refusal: 100 },
      failedHandshakes: { burstPerAddress: 1, perSecondPerAddress: 1 },
    });
    const links = await Promise.all(Array.from({ length: crowd }, () => raw({ transport: nearby })));
    for (const { link } of links) link.send([garbage()]);
    await until(() => countOf(events) === crowd, clock);
    for (const { closed } of links) expect(await closed).toMatchObject({ code: 1008, reason: '' });
    expect(decrypted).toBe(crowd);
    const honest = await dial({ dial: elsewhere.dial });
    await honest.until(() => honest.live);
    const late = await raw({ transport: nearby });
    late.link.send([garbage()]);
    while (events.at(-1)?.type !== 'overloaded') await new Promise((resolve) => setImmediate(resolve));
    expect(events.at(-1)).toMatchObject({
      limit: 'failedHandshakes.perSecondPerAddress',
      remoteAddress: '127.0.0.1',
    });
    expect(decrypted).toBe(crowd + 1);
    expect(countOf(events)).toBe(crowd);
    await until(() => countOf(events) === crowd + 1, clock);
    expect(await late.closed).toMatchObject({ code: 1013, reason: '' });
    expect(events.at(-1)).toMatchObject({ type: 'handshake-refused', error: { code: 'E_OVERLOADED' } });
  });

  it('lets any number of honest clients in from one address, although some fail on the way [O1]', async () => {
    const server = await world({
      failedHandshakes: { burstPerAddress: 4, burst: 4, perSecond: 1, perSecondPerAddress: 1 },
    });
    const bytes = await server.serverKey.publicKey.encrypt(encodeHello(hello()));
    for (let round = 0; round < 12; round++) {
      // Cut off by the network in the middle of its handshake.
      const cut = await raw(server);
      cut.link.send([bytes]);
      await cut.next();
      cut.link.terminate();
      for (const clientId of ['alice', 'bob']) expect((await server.connect({ clientId })).live).toBe(true);
    }
    expect(server.events.filter(({ type }) => type === 'overloaded')).toEqual([]);
  });

  it('charges nobody whose hello was not looked at before he left [O1]', async () => {
    const serverKey = await keyPair('server');
    let free = () => {};
    const held = new Promise<void>((resolve) => (free = resolve));
    let decrypted = 0;
    const slow = {
      ...serverKey.privateKey,
      publicKey: serverKey.publicKey,
      async decrypt(bytes: Uint8Array) {
        decrypted += 1;
        await held;
        return serverKey.privateKey.decrypt(bytes);
      },
    };
    const server = await world({
      serverKey: slow,
      limits: { maxRsaOperations: 1 },
      failedHandshakes: { burstPerAddress: 2, perSecondPerAddress: 1 },
    });
    for (let n = 0; n < 10; n++) {
      const { link, closed } = await raw(server);
      link.send([garbage()]);
      await new Promise((resolve) => setImmediate(resolve));
      link.terminate();
      await closed;
    }
    expect(decrypted).toBe(1);
    free();
    expect((await server.connect()).live).toBe(true);
    expect(server.events.filter(({ type }) => type === 'overloaded')).toEqual([]);
  });

  it('goes on with RSA where the bound is switched off', async () => {
    const server = await world({
      failedHandshakes: false,
      limits: { maxHandshakesPerAddress: 1_000, maxRsaQueue: 1_000 },
    });
    const garbled = defaultFailedHandshakeLimits.burstPerAddress + 1;
    await Promise.all(
      Array.from({ length: garbled }, async () => {
        const { link, closed } = await raw(server);
        link.send([garbage()]);
        expect(await closed).toMatchObject({ code: 1008 });
      }),
    );
    expect(server.events.filter(({ type }) => type === 'overloaded')).toEqual([]);
  });
});

function countOf(events: readonly { readonly type: string }[]): number {
  return events.filter(({ type }) => type === 'handshake-refused').length;
}

/** Lets time pass until it is so. */
async function until(reached: () => boolean, clock: { advance(milliseconds: number): void }): Promise<void> {
  while (!reached()) {
    clock.advance(10);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
