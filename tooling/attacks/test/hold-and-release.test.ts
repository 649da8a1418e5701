import { describe, expect, test } from 'vitest';
import { hardened, off } from './toolkit/modes.js';
import type { Attack, Frame, Road } from './toolkit/road.js';
import { until, World } from './toolkit/world.js';

/** Lets a hello pass, and keeps the proof and what was sealed after it. A heartbeat is clear: the client believes it is live. */
class Hold implements Attack {
  hello = new Uint8Array(0);
  readonly sealed: Uint8Array[] = [];
  proved = false;

  readonly toServer = ({ kind, bytes }: Frame, road: Road): readonly Uint8Array[] => {
    if (kind === 'hello') this.hello = bytes.slice();
    if (kind === 'sealed') this.sealed.push(bytes);
    if (kind === 'proof') {
      this.proved = true;
      road.toClient(Uint8Array.of(0));
    }
    return kind === 'hello' ? [bytes] : [];
  };

  /** Says the old hello again in a later session, and releases what was held when the client has proved itself. */
  release(): Attack {
    return {
      toServer: ({ kind, bytes }) => {
        if (kind === 'hello') return [this.hello];
        return kind === 'proof' ? [bytes, ...this.sealed] : [];
      },
    };
  }
}

describe('holding frames back and releasing them in a later session [S85]', () => {
  test('off: a request is answered long after its caller was told that it failed', async () => {
    const world = await World.open(off);
    const hold = new Hold();
    world.attack = hold;
    const client = await world.connect();
    const outcome = client.call('sell at 100').catch((error: unknown) => error);
    await until(() => hold.sealed.length === 1);
    world.attack = hold.release();
    world.road.closeClient(1000);
    expect(await outcome).toMatchObject({ code: 'E_CALL_UNKNOWN' });
    await until(() => world.requests.length > 0);
    expect(world.requests).toEqual(['sell at 100']);
  });

  test('off: once the server has had a proof for its AES key, the old hello is refused [S11, S12]', async () => {
    const world = await World.open(off);
    const hold = new Hold();
    const client = await world.connect();
    hold.hello = Uint8Array.from(world.road.seen[0]?.bytes ?? []);
    world.attack = hold;
    void client.call('sell at 100').catch(() => {});
    await until(() => hold.sealed.length === 1);
    world.attack = hold.release();
    client.reconnect();
    await until(() => world.eventsOf('handshake-refused').length > 0);
    expect(world.eventsOf('handshake-refused')[0]).toMatchObject({
      error: { message: "the client's AES key was used in an earlier session" },
    });
    expect(world.requests).toEqual([]);
  });

  test.each(hardened)(
    '$name: nothing is signed for an old hello, and later each comes once',
    async (mode) => {
      const world = await World.open(mode);
      const hold = new Hold();
      world.attack = hold;
      const connecting = world.connect();
      await until(() => hold.proved);
      // A heartbeat proves nothing here, so nobody was told that there is a session.
      expect(world.states.map(({ kind }) => kind)).not.toContain('live');
      world.attack = hold.release();
      world.road.closeClient(1000);
      await until(() => world.clientFaults.includes('E_TAG'));
      expect([world.orders, world.requests]).toEqual([[], []]);
      world.attack = {};
      const client = await connecting;
      expect(await client.call('sell at 100')).toBe('sell at 100');
      expect(world.requests).toEqual(['sell at 100']);
    },
  );

  test.each(hardened)('$name: a frame of an earlier session opens in no other', async (mode) => {
    const world = await World.open(mode);
    const client = await world.connect();
    const held: Uint8Array[] = [];
    world.attack = {
      toServer: ({ kind, bytes }) => {
        if (kind === 'sealed') held.push(bytes);
        return kind === 'sealed' ? [] : [bytes];
      },
    };
    await client.send('sell at 100');
    await until(() => held.length > 0);
    world.attack = { toServer: ({ kind, bytes }) => (kind === 'proof' ? [bytes, ...held] : [bytes]) };
    client.reconnect();
    await until(() => world.serverFaults.includes('E_FRAME'));
    world.attack = {};
    await until(() => world.orders.length > 0);
    expect(world.orders).toEqual(['sell at 100']);
  });
});
