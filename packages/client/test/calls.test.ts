import { beforeAll, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { type CallOptions, type Client, connect } from '../src/index.js';
import { type Keys, makeKeys } from './keys.js';
import { connected, connectedVirtually, meet, rejection } from './set-up.js';
import { outcomeOf, settle, until } from './until.js';

interface Ask {
  readonly ask: 'balance' | 'price';
}
interface Balance {
  readonly balance: string;
}
interface Price {
  readonly price: string;
}

let keys: Keys;
beforeAll(async () => {
  keys = await makeKeys();
});

describe('call', () => {
  test('reaches the server after every message sent before it', async () => {
    const { server, client } = await connected(keys, { onRequest: () => [...server.accepted] });
    for (let n = 0; n < 10; n += 1) void client.send(n);
    const answer = client.call('how many?');
    void client.send(10);
    expect(await answer).toEqual(Array.from({ length: 10 }, (_, n) => n));
    await client.close();
  });

  test('reaches the server after messages that waited for room in the outbox', async () => {
    const { server, client } = await connected(
      keys,
      { checkpoint: true, onRequest: () => [...server.accepted] },
      { checkpoint: true, outbox: { maxMessages: 3 } },
    );
    for (let n = 0; n < 6; n += 1) void client.send(n);
    expect(await client.call('how many?')).toEqual([0, 1, 2, 3, 4, 5]);
    await client.close();
  });

  test('takes the types of requests and answers from `connect`, and those of one answer from the call', async () => {
    const { client: untyped } = await connected(keys, { onRequest: (payload) => payload });
    const client: Client<unknown, unknown, Ask, Balance | Price> = untyped;
    expectTypeOf(client.call).parameter(0).toEqualTypeOf<Ask>();
    expectTypeOf(connect<unknown, unknown, Ask, Balance>).returns.resolves.toEqualTypeOf<
      Client<unknown, unknown, Ask, Balance>
    >();
    // @ts-expect-error: no such request
    const other = client.call({ ask: 'weather' });
    expectTypeOf(other).resolves.toEqualTypeOf<Balance | Price>();
    const price = client.call<Price>({ ask: 'price' });
    expectTypeOf(price).resolves.toEqualTypeOf<Price>();
    // @ts-expect-error: no such answer
    const text = client.call<string>({ ask: 'price' });
    expectTypeOf(untyped.call).returns.resolves.toEqualTypeOf<unknown>();
    expect(await Promise.all([other, price, text])).toEqual([
      { ask: 'weather' },
      { ask: 'price' },
      { ask: 'price' },
    ]);
    await client.close();
  });

  test('rejects with what the server answered', async () => {
    const { client } = await connected(keys, {
      onRequest: () => ({ '@type': 'sealwire.Error', code: 'UNKNOWN_PAIR', message: 'no\nsuch pair' }),
    });
    expect(await rejection(client.call('x'))).toMatchObject({
      code: 'E_REQUEST_FAILED',
      remoteCode: 'UNKNOWN_PAIR',
      message: 'no\\u000asuch pair',
    });
    await client.close();
  });

  test.each([
    ['timeout', { timeout: Number.NaN }],
    ['timeout', { timeout: -1 }],
    ['timeout', { timeout: '5' }],
    ['signal', { signal: {} }],
    ['schema', { schema: {} }],
  ])('refuses a wrong %s by name, before anything is sent', async (name, wrong) => {
    const asked: unknown[] = [];
    const { client } = await connected(keys, { onRequest: (payload) => void asked.push(payload) });
    const misfit = { code: 'E_OPTION', message: expect.stringContaining(`option ${name} `) };
    expect(await rejection(client.call(1, wrong as CallOptions))).toMatchObject(misfit);
    if (name !== 'schema') expect(await rejection(client.flush(wrong as CallOptions))).toMatchObject(misfit);
    await client.close();
    expect(asked).toEqual([]);
  });

  test('says that an answer does not fit where the schema itself throws', async () => {
    const cause = new Error('of the schema');
    const schema = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: (): never => {
          throw cause;
        },
      },
    };
    const { client } = await connected(keys, { onRequest: (payload) => payload });
    expect(await rejection(client.call(7, { schema }))).toMatchObject({ code: 'E_ANSWER', cause });
    await client.close();
  });

  test('checks the answer with its schema', async () => {
    const schema = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: (value: unknown) =>
          typeof value === 'number' ? { value } : { issues: [{ message: 'not a number' }] },
      },
    };
    const { client } = await connected(keys, { onRequest: (payload) => payload });
    const answer: number = await client.call(7, { schema });
    expect(answer).toBe(7);
    expect(await rejection(client.call('seven', { schema }))).toMatchObject({ code: 'E_ANSWER' });
    await client.close();
  });

  test('with a number that would be rounded is rejected, unless it is to be text or rounded [S78, J4]', async () => {
    const json = new TextEncoder().encode('[9007199254740993]');
    for (const numbers of [undefined, 'refuse', 'text', 'round'] as const) {
      const { client } = await connected(keys, { onRequest: () => json }, numbers && { numbers });
      const answer = client.call('x');
      if (numbers === 'text') expect(await answer).toEqual(['9007199254740993']);
      else if (numbers === 'round') expect(await answer).toEqual([9007199254740992]);
      else expect(await rejection(answer)).toMatchObject({ code: 'E_ANSWER' });
      await client.close();
    }
  });

  test('draws each REQUEST_ID from [2^62, 2^63), all different', async () => {
    const { server, client } = await connected(keys, { onRequest: () => 1 });
    await Promise.all(Array.from({ length: 20 }, () => client.call('x')));
    const { requestIds } = server.session;
    expect(new Set(requestIds).size).toBe(20);
    expect(requestIds.every((id) => id >= 1n << 62n && id < 1n << 63n)).toBe(true);
    await client.close();
  });

  test('is not kept out by what the client asks for itself [J7]', async () => {
    const { client, server } = await connected(
      keys,
      { onRequest: (payload) => (payload === 'own' ? 'answered' : undefined) },
      { calls: { maxPending: 1 }, checkpoint: true },
    );
    await client.send('x');
    // The Checkpoint is never answered, and waits all the time.
    await until(() => server.requests.length === 1);
    expect(server.requests).toMatchObject([{ '@type': 'sealwire.Checkpoint' }]);
    expect(await client.call('own')).toBe('answered');
    expect(await client.call('own')).toBe('answered');
    const waits = client.call('not answered');
    expect(await rejection(client.call('own'))).toMatchObject({ code: 'E_CALLS_FULL' });
    const settled = rejection(waits);
    await client.close();
    expect(await settled).toMatchObject({ code: expect.stringMatching(/^E_CALL_/) });
  });

  test('is bounded in number [S64, J7]', async () => {
    const { client, server } = await connected(keys, {}, { calls: { maxPending: 3, maxConcurrent: 2 } });
    const calls = [1, 2, 3].map((n) => client.call(n));
    expect(await rejection(client.call(4))).toMatchObject({ code: 'E_CALLS_FULL' });
    await until(() => server.requests.length === 2);
    await settle();
    expect(server.requests).toEqual([1, 2]);
    server.session.answer(server.session.requestIds[0] ?? 0n, 'one');
    await until(() => server.requests.length === 3);
    expect(await calls[0]).toBe('one');
    await client.close();
    expect(await Promise.allSettled(calls)).toMatchObject([
      { status: 'fulfilled' },
      { reason: { code: 'E_CALL_UNKNOWN' } },
      { reason: { code: 'E_CALL_UNKNOWN' } },
    ]);
  });

  test('times out, and a late answer is no offence [S63, J7]', async () => {
    const { server, client, clock } = await connectedVirtually(keys);
    const calling = client.call('x', { timeout: 500 });
    await until(() => server.requests.length === 1, clock);
    clock.advance(500);
    expect(await rejection(outcomeOf(calling, clock))).toMatchObject({ code: 'E_TIMEOUT' });
    server.session.answer(server.session.requestIds[0] ?? 0n, 'late');
    await settle(clock);
    expect(client.state.kind).toBe('live');
    expect(server.sessions.length).toBe(1);
    await outcomeOf(client.close(), clock);
  });

  test('that could not be sent in time says so', async () => {
    const { client } = await connected(keys, {}, { calls: { maxConcurrent: 1 } });
    const first = client.call('x');
    first.catch(() => {});
    const error = await rejection(client.call('y', { timeout: 20 }));
    expect(error).toMatchObject({ code: 'E_TIMEOUT', message: expect.stringContaining('could not be sent') });
    await client.close();
  });

  test('shares its signal with any number of others, by one listener', async () => {
    const { client, clock, server } = await connectedVirtually(keys);
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    const round = async (): Promise<void> => {
      const calls = Array.from({ length: 20 }, (_, n) => client.call(n, { signal }));
      await until(() => server.requests.length === 20, clock);
      for (const requestId of server.session.requestIds) server.session.answer(requestId, 'done');
      await outcomeOf(Promise.all(calls), clock);
    };
    await round();
    expect([added.mock.calls.length, removed.mock.calls.length]).toEqual([1, 1]);
    expect(added.mock.calls[0]?.[1]).toBe(removed.mock.calls[0]?.[1]);
    await outcomeOf(client.close(), clock);
  });

  test('that share a signal end together, but for those that are over', async () => {
    const { client, clock, server } = await connectedVirtually(keys);
    const controller = new AbortController();
    const { signal } = controller;
    const calls = Array.from({ length: 12 }, (_, n) => client.call(n, { signal }));
    await until(() => server.requests.length === 12, clock);
    server.session.answer(server.session.requestIds[0] ?? 0n, 'done');
    expect(await outcomeOf(Promise.resolve(calls[0]), clock)).toBe('done');
    controller.abort();
    const ends = await outcomeOf(Promise.allSettled(calls), clock);
    expect(ends.slice(1)).toEqual(
      Array(11).fill({ status: 'rejected', reason: expect.objectContaining({ code: 'E_ABORTED' }) }),
    );
    await outcomeOf(client.close(), clock);
  });

  test('ends with its signal, before and while it waits', async () => {
    const { server, client } = await connected(keys);
    const controller = new AbortController();
    const calling = client.call('x', { signal: controller.signal });
    await until(() => server.requests.length === 1);
    controller.abort(new Error('enough'));
    expect(await rejection(calling)).toMatchObject({ code: 'E_ABORTED', cause: { message: 'enough' } });
    expect(await rejection(client.call('y', { signal: controller.signal }))).toMatchObject({
      code: 'E_ABORTED',
    });
    expect(server.requests).toEqual(['x']);
    await client.close();
  });
});

describe('at a disconnect a call', () => {
  test('that was sent rejects as unknown at once [J8]', async () => {
    const { server, client, transport } = await connected(keys);
    const calling = client.call('x');
    await until(() => server.requests.length === 1);
    for (const pair of transport.pairs) pair.faults.cut();
    expect(await rejection(calling)).toMatchObject({ code: 'E_CALL_UNKNOWN' });
    await client.close();
  });

  test('that was not sent rejects saying so, and so does one that is made then [J8]', async () => {
    const { server, client, transport } = await connected(
      keys,
      {},
      { calls: { maxConcurrent: 1 }, reconnect: { first: 60_000, max: 60_000 } },
    );
    const first = client.call('x');
    const second = client.call('y');
    await until(() => server.requests.length === 1);
    for (const pair of transport.pairs) pair.faults.cut();
    expect(await rejection(second)).toMatchObject({ code: 'E_CALL_NOT_SENT' });
    expect(await rejection(first)).toMatchObject({ code: 'E_CALL_UNKNOWN' });
    expect(client.state.kind).toBe('waiting');
    expect(await rejection(client.call('z'))).toMatchObject({ code: 'E_CALL_NOT_SENT' });
    await client.close();
  });

  test('that is idempotent is sent again', async () => {
    let answers = false;
    const { server, client, transport } = await connected(keys, {
      onRequest: (payload) => (answers ? payload : undefined),
    });
    const calling = client.call('x', { idempotent: true });
    await until(() => server.requests.length === 1);
    answers = true;
    for (const pair of transport.pairs) pair.faults.cut();
    expect(await calling).toBe('x');
    expect(server.requests).toEqual(['x', 'x']);
    await client.close();
  });

  test('that is idempotent and made without a link waits for one', async () => {
    const { client, transport } = await connected(keys, { onRequest: (payload) => payload });
    for (const pair of transport.pairs) pair.faults.cut();
    await until(() => client.state.kind === 'waiting');
    expect(await client.call('x', { idempotent: true })).toBe('x');
    await client.close();
  });
});

describe('an answer', () => {
  test('that comes twice means nothing the second time [S63, F8, J7]', async () => {
    const { server, options } = await meet(keys, { onRequest: (payload) => payload });
    const client = await connect(options);
    expect(await client.call('x')).toBe('x');
    const [requestId] = server.session.requestIds;
    for (let times = 0; times < 3; times += 1) server.session.forgeAnswer(requestId ?? 0n, 'again');
    expect(await client.call('y')).toBe('y');
    expect(server.sessions.length).toBe(1);
    await client.close();
  });

  test('to a request that was never made ends the session [S63, J7]', async () => {
    const { server, options } = await meet(keys, { onRequest: () => undefined });
    const states: unknown[] = [];
    const client = await connect({
      ...options,
      onState: (state) => void (state.kind === 'waiting' && states.push(state.cause.message)),
    });
    const calling = client.call('x', { idempotent: true });
    await until(() => server.requests.length === 1);
    server.session.forgeAnswer((1n << 62n) + 5n, 'forged');
    await until(() => server.sessions.length === 2 && client.state.kind === 'live');
    expect(server.sessions[0]?.closedWith).toBe(1002);
    expect(states).toEqual(['the server answered a request that was never made']);
    const [rejected] = await Promise.all([rejection(calling), client.close()]);
    expect(rejected).toMatchObject({ code: expect.stringMatching(/^E_CALL_/) });
  });
});
