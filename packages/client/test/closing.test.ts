import { memoryClientState } from '@sealwire/store';
import type { Dialer } from '@sealwire/transport';
import { beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../src/index.js';
import { type Keys, makeKeys } from './keys.js';
import { connected, connectedVirtually, meet, rejection } from './set-up.js';
import { outcomeOf, settle, until } from './until.js';

let keys: Keys;
beforeAll(async () => {
  keys = await makeKeys();
});

describe('close', () => {
  test('hands over what was accepted, then closes 1000', async () => {
    const { server, client } = await connected(keys);
    const sends = Array.from({ length: 50 }, (_, n) => client.send(n));
    await client.close();
    await Promise.all(sends);
    expect(server.session.closedWith).toBe(1000);
  });

  test('within a handler is the end: nothing that waits is handed over, and what was handled is saved', async () => {
    const state = memoryClientState();
    const seen: unknown[] = [];
    let closed: Promise<void> | undefined;
    const { server, client } = await connected(
      keys,
      {},
      {
        state,
        onMessage: async ({ payload }) => {
          seen.push(payload);
          if (payload === 2) closed = client.close();
        },
      },
    );
    // Something is to be handed over, so that closing takes its time.
    const sent = Promise.allSettled(Array.from({ length: 20 }, (_, n) => client.send(n)));
    server.publish(1, 2, 3, 4);
    await until(() => closed !== undefined);
    await closed;
    await sent;
    expect(seen).toEqual([1, 2]);
    expect((await state.reopen().load()).savedOrder).toBe(2n);
  });

  test('may be called again and in any state', async () => {
    const { client } = await connected(keys);
    await Promise.all([client.close(), client.close()]);
    await client.close();
    client.reconnect();
    expect(client.state.kind).toBe('closed');
    expect(await rejection(client.send('x'))).toMatchObject({ code: 'E_CLOSED' });
    expect(await rejection(client.call('x'))).toMatchObject({ code: 'E_CLOSED' });
    expect(await rejection(client.flush())).toMatchObject({ code: 'E_CLOSED' });
  });

  test('leaves no promise open, whatever is pending', async () => {
    const { server, client, clock } = await connectedVirtually(keys, { onMessage: () => 'accept' });
    const { outcome } = await outcomeOf(client.send('handed over'), clock);
    await until(() => server.accepted.length === 1, clock);
    const answered = client.call('sent');
    answered.catch(() => {});
    await until(() => server.requests.length === 1, clock);
    for (const pair of server.sessions.map(({ link }) => link)) pair.terminate();
    await until(() => client.state.kind === 'waiting', clock);
    const pending = Promise.allSettled([
      outcome,
      answered,
      client.send('not handed over'),
      client.call('waits', { idempotent: true }),
      client.flush(),
      client.messages().next(),
    ]);
    await outcomeOf(client.close(), clock);
    expect(await pending).toMatchObject([
      { reason: { code: 'E_OUTCOME_UNKNOWN', cause: { code: 'E_CLOSED' } } },
      { reason: { code: 'E_CALL_UNKNOWN' } },
      { reason: { code: 'E_CLOSED' } },
      { reason: { code: 'E_CALL_NOT_SENT' } },
      { reason: { code: 'E_CLOSED' } },
      { value: { done: true } },
    ]);
    expect(clock.pending).toBe(0);
  });

  test('leaves no promise open while the outbox is full and the peer silent', async () => {
    const { transport, server, client, clock } = await connectedVirtually(
      keys,
      {},
      { outbox: { maxMessages: 2 } },
    );
    for (const pair of transport.pairs) {
      pair.faults.up.stall();
      pair.faults.down.stall();
    }
    const sends = Promise.allSettled([1, 2, 3, 4].map((n) => client.send(n)));
    await settle(clock);
    const closing = client.close({ timeout: 300 });
    clock.advance(300);
    await outcomeOf(closing, clock);
    const ends = await sends;
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
    // The server has not heard of it and would go on for ever.
    server.session.link.terminate();
    clock.advance(2_000);
    expect(clock.pending).toBe(0);
  });

  test('ends the wait for a retry at once', async () => {
    const { transport, client } = await connected(keys, {}, { reconnect: { first: 60_000, max: 60_000 } });
    for (const pair of transport.pairs) pair.faults.cut();
    await until(() => client.state.kind === 'waiting');
    await client.close();
    expect(client.state.kind).toBe('closed');
  });

  test('terminates a link whose dial ends too late', async () => {
    const { transport, options } = await meet(keys);
    let open: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    let dials = 0;
    const dial: Dialer = async (asked) => {
      dials += 1;
      if (dials === 1) return transport.dial(asked);
      await gate;
      return transport.dial({ signal: new AbortController().signal });
    };
    const client = await connect({ ...options, dial });
    client.reconnect();
    await until(() => dials === 2);
    await client.close();
    expect(client.state.kind).toBe('closed');
    let opened = 0;
    transport.onPair = () => {
      opened += 1;
    };
    open();
    await until(() => opened === 1 && transport.pairs.size === 0);
  });
});
