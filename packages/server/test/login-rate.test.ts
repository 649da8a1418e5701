import { crypto } from '@sealwire/crypto';
import { memoryServerStore, type ServerStore } from '@sealwire/store';
import { describe, expect, it } from 'vitest';
import { KeyedBuckets } from '../src/keyed-buckets.js';
import { Logins } from '../src/login-rate.js';
import { passingOn } from './held-store.js';
import { raw } from './raw.js';
import { virtualWorld, world } from './world.js';

describe('logins of one client', () => {
  it('are bounded before the store is asked and the session before is disturbed [M4]', async () => {
    const store = memoryServerStore();
    let claims = 0;
    const counting: ServerStore = {
      ...passingOn(store),
      claim(...given) {
        claims += 1;
        return store.claim(...given);
      },
    };
    const { clock, connect, dial, event } = await virtualWorld({
      store: counting,
      loginRate: { perSecond: 1, burst: 3 },
    });
    await connect();
    await connect();
    const last = await connect();
    const fourth = await dial();
    expect(await fourth.untilClosed()).toMatchObject({ code: 1013 });
    expect(await event('overloaded')).toMatchObject({ limit: 'loginRate' });
    expect(claims).toBe(3);
    expect(last.closed).toBeUndefined();
    expect((await connect({ clientId: 'bob' })).live).toBe(true);
    clock.advance(1_000);
    expect((await connect()).live).toBe(true);
    expect(await last.untilClosed()).toMatchObject({ code: 4000 });
  });

  it('count as failed handshakes beyond the bound, so that they cost RSA no faster than garbage', async () => {
    const { dial, events, connect } = await virtualWorld({
      loginRate: { perSecond: 1, burst: 1 },
      failedHandshakes: { burstPerAddress: 2, perSecondPerAddress: 1 },
    });
    await connect();
    for (let n = 0; n < 2; n++) expect(await (await dial()).untilClosed()).toMatchObject({ code: 1013 });
    void dial();
    const limits = () => events.flatMap((event) => (event.type === 'overloaded' ? event.limit : []));
    while (limits().length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(limits()).toEqual(['loginRate', 'failedHandshakes.perSecondPerAddress']);
  });

  it('make up for no more failures of their address than the bound allows [S22]', async () => {
    const server = await virtualWorld({
      loginRate: { perSecond: 1, burst: 3 },
      failedHandshakes: { burstPerAddress: 5, perSecondPerAddress: 1 },
      deadlines: { refusal: 1 },
    });
    const codes: number[] = [];
    for (let n = 0; n < 15; n++) {
      const { link, closed } = await raw(server);
      link.send([crypto.randomBytes(256).fill(0, 0, 1)]);
      void closed.then(({ code }) => codes.push(code));
      const passing = async (until: () => boolean) => {
        while (!until()) {
          // Little, so that RSA takes no time in which tokens come back.
          server.clock.advance(0.01);
          await new Promise((resolve) => setImmediate(resolve));
        }
      };
      await passing(() => codes.length > n);
      const client = await server.dial();
      await passing(() => client.live || client.closed !== undefined);
    }
    // Each of the three that were let in made up for one.
    expect(codes.filter((code) => code === 1008).length).toBeLessThanOrEqual(8);
    expect(codes.at(-1)).toBe(1013);
  });

  it('of an honest client are never that many, and without a bound there is none', async () => {
    const bounded = await world();
    for (let n = 0; n < 20; n++) await bounded.connect();
    expect(bounded.events.some(({ type }) => type === 'overloaded')).toBe(false);
    const logins = new Logins(false, 1, () => 0);
    for (let n = 0; n < 10_000; n++) expect(logins.admit('alice')).toBe(true);
  });

  it('nobody can use up who is not that client', async () => {
    const { connect, dial, serverKey } = await world({ loginRate: { perSecond: 1, burst: 1 } });
    for (let n = 0; n < 3; n++) {
      expect(await (await dial({ key: serverKey })).untilClosed()).not.toMatchObject({ code: 1013 });
    }
    expect((await connect()).live).toBe(true);
  });
});

describe('buckets by key', () => {
  it('are so many: the one that was used the longest ago is as good as full', () => {
    const buckets = new KeyedBuckets({ perSecond: 1, burst: 2 }, 2, () => 0);
    buckets.use('a').spend();
    buckets.use('b').spend();
    buckets.use('a').spend();
    buckets.use('c');
    expect(buckets.find('a')?.level).toBe(0);
    expect(buckets.find('b')).toBeUndefined();
    expect(buckets.use('b').level).toBe(2);
  });
});
