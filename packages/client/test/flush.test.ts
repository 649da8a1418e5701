import { beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../src/index.js';
import { type Keys, makeKeys } from './keys.js';
import { connected, connectedVirtually, meet, overPlainLinks, rejection } from './set-up.js';
import { outcomeOf, settle, until } from './until.js';

let keys: Keys;
beforeAll(async () => {
  keys = await makeKeys();
});

describe('flush', () => {
  test('has nothing to wait for when nothing was sent', async () => {
    const { client, server } = await connected(keys);
    await client.flush();
    expect(server.sessions.length).toBe(1);
    await client.close();
  });

  test('with Checkpoint resolves when every outcome is known, on the same link', async () => {
    const { client, server, clock } = await connectedVirtually(
      keys,
      { checkpoint: true },
      { checkpoint: true },
    );
    const sends = [1, 2, 3].map((n) => client.send(n));
    await outcomeOf(client.flush(), clock);
    const sent = await Promise.all(sends);
    expect(await Promise.all(sent.map(({ outcome }) => outcome))).toEqual(
      Array(3).fill({ kind: 'accepted' }),
    );
    expect(server.sessions.length).toBe(1);
    await outcomeOf(client.close(), clock);
  });

  test('without Checkpoint closes 1000, dials again, and does so no more than every 5 s', async () => {
    const { client, server, clock } = await connectedVirtually(keys);
    const { outcome } = await outcomeOf(client.send('a'), clock);
    await until(() => server.accepted.length === 1, clock);
    const first = client.flush();
    clock.advance(100);
    await outcomeOf(first, clock);
    expect(await outcome).toEqual({ kind: 'consumed' });
    expect(server.sessions.map(({ closedWith }) => closedWith)).toEqual([1000, undefined]);
    await until(() => client.state.kind === 'live', clock);
    await outcomeOf(client.send('b'), clock);
    let flushed = false;
    void client.flush().then(() => {
      flushed = true;
    });
    for (let seconds = 0; seconds < 4; seconds += 1) {
      clock.advance(1_000);
      await settle(clock);
    }
    expect(flushed).toBe(false);
    for (let seconds = 0; seconds < 2; seconds += 1) {
      clock.advance(1_000);
      await settle(clock);
    }
    await until(() => flushed, clock);
    expect(server.sessions.length).toBe(3);
    await outcomeOf(client.close(), clock);
  });

  test('lets a call come to its end before it closes', async () => {
    const { client, server, clock } = await connectedVirtually(keys);
    const calling = client.call('slow');
    await outcomeOf(client.send('a'), clock);
    const flushing = client.flush();
    await until(() => server.requests.length === 1, clock);
    clock.advance(1_000);
    await settle(clock);
    expect(server.sessions.length).toBe(1);
    server.session.answer(server.session.requestIds[0] ?? 0n, 'done');
    expect(await outcomeOf(calling, clock)).toBe('done');
    await outcomeOf(flushing, clock);
    expect(server.sessions.length).toBe(2);
    await outcomeOf(client.close(), clock);
  });

  test('waits for a link, and for what was lost with it', async () => {
    let losses = 0;
    const { client, server } = await connected(
      keys,
      {
        checkpoint: true,
        onMessage: () => {
          losses += 1;
          return losses === 1 ? 'lost' : 'accept';
        },
      },
      { checkpoint: true },
    );
    void client.send('x');
    await client.flush();
    expect(server.accepted).toEqual(['x']);
    await client.close();
  });

  test('is not what a message waits for that finds no room where no outcome can ever be believed [O6]', async () => {
    const { options, transport, server } = await meet(keys);
    const client = await connect({
      ...options,
      dial: overPlainLinks(transport),
      hardening: 'prefer',
      outbox: { maxMessages: 2 },
    });
    const sent = [1, 2].map((n) => rejection(client.send(n)));
    expect(await rejection(client.send(3))).toMatchObject({ code: 'E_UNTRUSTED' });
    await client.close();
    expect(await Promise.all(sent)).toMatchObject([{ code: 'E_CLOSED' }, { code: 'E_CLOSED' }]);
    expect(server.accepted).toEqual([]);
  });

  test('rejects at once where no outcome can ever be believed, and says what to do', async () => {
    const { options, transport, server } = await meet(keys);
    const client = await connect({ ...options, dial: overPlainLinks(transport), hardening: 'prefer' });
    await client.flush();
    void client.send('x').catch(() => {});
    const error = await rejection(client.flush());
    expect(error).toMatchObject({ code: 'E_UNTRUSTED', message: expect.stringContaining('wss:') });
    client.reconnect();
    expect(await rejection(client.flush())).toMatchObject({ code: 'E_UNTRUSTED' });
    expect(server.accepted).toEqual([]);
    await client.close();
  });

  test('ends with its timeout or its signal', async () => {
    const { client, clock } = await connectedVirtually(keys, { onMessage: () => 'lost' });
    void client.send('x').catch(() => {});
    const timed = client.flush({ timeout: 50 });
    const controller = new AbortController();
    const aborted = client.flush({ signal: controller.signal });
    clock.advance(50);
    expect(await rejection(outcomeOf(timed, clock))).toMatchObject({ code: 'E_TIMEOUT' });
    controller.abort();
    expect(await rejection(outcomeOf(aborted, clock))).toMatchObject({ code: 'E_ABORTED' });
    expect(await rejection(client.flush({ signal: controller.signal }))).toMatchObject({ code: 'E_ABORTED' });
    await outcomeOf(client.close(), clock);
  });
});
