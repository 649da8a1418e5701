import { firstRequestId } from '@sealwire/session';
import { memoryServerStore, type ServerStore } from '@sealwire/store';
import { describe, expect, it } from 'vitest';
import { Refused, RequestError, type Transaction } from '../src/index.js';
import { heldStore, passingOn } from './held-store.js';
import { settle, world } from './world.js';

const error = (code: string, message?: string) => ({
  '@type': 'sealwire.Error',
  code,
  message: message ?? expect.any(String),
});

describe('requests', () => {
  it('are answered after the flush of every message before them, and do not wait for later ones', async () => {
    const trace: string[] = [];
    const { store, release } = heldStore();
    const { connect } = await world({
      store,
      onMessage: ({ sequence }) => void trace.push(`message ${sequence}`),
      onRequest: () => void trace.push('request'),
    });
    const alice = await connect();
    alice.send(1);
    const answered = alice.request('?');
    alice.send(2);
    while (trace.length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(trace).toEqual(['message 0', 'message 1']);
    release();
    expect(await answered).toBeNull();
    expect(trace).toEqual(['message 0', 'message 1', 'request']);
  });

  it('run side by side', async () => {
    const waiting: (() => void)[] = [];
    const { connect } = await world({
      async onRequest({ payload }) {
        if (payload === 'last') for (const resolve of waiting) resolve();
        else await new Promise<void>((resolve) => waiting.push(resolve));
        return payload;
      },
    });
    const alice = await connect();
    const answers = await Promise.all(['first', 'second', 'last'].map((name) => alice.request(name)));
    expect(answers).toEqual(['first', 'second', 'last']);
  });

  it('have a signal each, which aborts when the time of that one is over', async () => {
    const signals: AbortSignal[] = [];
    const late: unknown[] = [];
    const { connect } = await world({
      handlerTimeout: 30,
      async onRequest({ payload }, tx) {
        signals.push(tx.signal);
        if (payload === 'quick') return 'answered';
        await new Promise((resolve) => tx.signal.addEventListener('abort', resolve));
        late.push(tx.signal.reason);
        return undefined;
      },
    });
    const alice = await connect();
    const [slow, quick] = await Promise.all([alice.request('slow'), alice.request('quick')]);
    expect(slow).toEqual(error('internal'));
    expect(quick).toBe('answered');
    expect(late).toEqual([expect.objectContaining({ code: 'E_HANDLER_TIMEOUT' })]);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  });

  it('have what they published and put kept before their answer leaves', async () => {
    const { connect, server } = await world({
      onRequest(_, tx) {
        tx.put('seen', new Uint8Array([1]));
        tx.publish('event');
        return 'done';
      },
    });
    const alice = await connect();
    expect(await alice.request('?')).toBe('done');
    expect(await server.store.get('seen')).toEqual(new Uint8Array([1]));
    await alice.until(() => alice.messages.length === 1);
  });

  it('are not answered before what they put is flushed', async () => {
    const { store, release } = heldStore();
    let handled = false;
    const { connect } = await world({
      store,
      onRequest(_, tx) {
        tx.put('seen', new Uint8Array([1]));
        handled = true;
      },
    });
    const alice = await connect();
    const answered = alice.request('?');
    while (!handled) await settle();
    await settle();
    expect(alice.answers).toEqual([]);
    release();
    expect(await answered).toBeNull();
  });

  it('that fail are answered with an error, and the session goes on', async () => {
    const { connect, event, server } = await world({
      onRequest({ payload }, tx) {
        tx.publish('dropped');
        if (payload === 'request error') throw new RequestError('no-funds', 'not\nenough');
        if (payload === 'refused') throw new Refused('no');
        if (payload === 'undefined in JSON') return () => {};
        throw new Error('secret');
      },
    });
    const alice = await connect();
    expect(await alice.request('request error')).toEqual(error('no-funds', 'not\\u000aenough'));
    expect(await alice.request('refused')).toEqual(error('refused', 'no'));
    expect(await alice.request('other')).toEqual(
      error('internal', 'the server failed to answer the request'),
    );
    expect(await alice.request('undefined in JSON')).toEqual(error('internal'));
    expect(await event('handler-failed')).toMatchObject({ clientId: 'alice', error: { code: 'E_HANDLER' } });
    expect(alice.closed).toBeUndefined();
    expect((await server.store.read('alice')).head).toBe(0n);
  });

  it('are answered where the code of their error is no string, and the server goes on', async () => {
    const { connect, event } = await world({
      onRequest({ payload }) {
        if (payload === 'changed') throw Object.assign(new RequestError('code', 'words'), { code: 7 });
        throw new RequestError(payload as never, 'unknown kind');
      },
    });
    const alice = await connect();
    expect(await alice.request(7)).toEqual(error('internal'));
    expect(await event('handler-failed')).toMatchObject({ error: { cause: { code: 'E_OPTION' } } });
    expect(await alice.request('changed')).toEqual(error('7', 'words'));
    expect(await alice.request('kind')).toEqual(error('kind', 'unknown kind'));
  });

  it.each<[string, (tx: Transaction) => unknown, string]>([
    ['commit no store takes', (tx) => tx.put('k'.repeat(2000), new Uint8Array(1)), 'E_COMMIT'],
    ['answer is not JSON', (tx) => tx.put('k', new Uint8Array(1)) ?? 1n, 'E_PAYLOAD'],
  ])('whose %s are answered with an error, and raise a rollback [P14]', async (_, onRequest, code) => {
    const { connect, event, server } = await world({ onRequest: (_, tx) => onRequest(tx) });
    const alice = await connect();
    expect(await alice.request('?')).toEqual(error('internal'));
    expect(await event('rollback')).toMatchObject({ clientId: 'alice', error: { code } });
    expect(await server.store.get('k')).toBeUndefined();
  });

  it('whose answer is not JSON raise no rollback where there was nothing to keep', async () => {
    const { connect, events } = await world({ onRequest: () => 1n });
    const alice = await connect();
    expect(await alice.request('?')).toEqual(error('internal'));
    expect(events.map(({ type }) => type)).toContain('handler-failed');
    expect(events.some(({ type }) => type === 'rollback')).toBe(false);
  });

  it('that take too long are answered with an error, and the session goes on', async () => {
    const { connect } = await world({ handlerTimeout: 20, onRequest: () => new Promise(() => {}) });
    const alice = await connect();
    expect(await alice.request('?')).toEqual(error('internal'));
    expect(alice.closed).toBeUndefined();
  });

  it('that nobody knows are answered with an error', async () => {
    const { connect } = await world();
    const alice = await connect();
    expect(await alice.request({ '@type': 'Anything' })).toEqual(error('unknown-request'));
  });

  it('of reserved types never reach the application', async () => {
    const asked: unknown[] = [];
    const { connect } = await world({ onRequest: ({ payload }) => void asked.push(payload) });
    const alice = await connect();
    expect(await alice.request({ '@type': 'sealwire.Future' })).toEqual(error('unknown-request'));
    expect(await alice.request({ '@type': 'sealwire.Checkpoint', confirmed: '-1' })).toMatchObject({
      last_seen_sequence: '-1',
    });
    expect(asked).toEqual([]);
  });

  it('whose payload a schema does not take are answered with its issue', async () => {
    const { connect } = await world({
      schemas: {
        request: {
          '~standard': {
            version: 1,
            vendor: 'test',
            validate: (value) => (value === 1 ? { value } : { issues: [{ message: 'is not 1' }] }),
          },
        },
      },
      onRequest: ({ payload }) => payload,
    });
    const alice = await connect();
    expect(await alice.request(1)).toBe(1);
    expect(await alice.request(2)).toEqual(error('invalid-request', 'the payload: is not 1'));
  });

  it('with a number that would be rounded are answered so, unless it is to be text [S78, J4]', async () => {
    const json = new TextEncoder().encode('[9007199254740993]');
    for (const numbers of ['refuse', 'text'] as const) {
      const { connect } = await world({ numbers, onRequest: ({ payload }) => payload });
      const alice = await connect();
      alice.session.sendRequest(firstRequestId, json);
      await alice.until(() => alice.answers.length === 1);
      const words = 'the payload holds a number that would be rounded: send it as a string';
      expect(alice.answers[0]?.payload).toEqual(
        numbers === 'text' ? ['9007199254740993'] : error('invalid-request', words),
      );
    }
  });

  it('with a REQUEST_ID that is in flight end the session with 1002', async () => {
    const { connect } = await world({ onRequest: () => new Promise(() => {}) });
    const alice = await connect();
    const id = alice.sendRequest(1);
    alice.sendRequest(2, id);
    expect(await alice.untilClosed()).toMatchObject({ code: 1002 });
  });

  it('may use a REQUEST_ID again after its answer', async () => {
    const { connect } = await world({ onRequest: ({ payload }) => payload });
    const alice = await connect();
    const id = alice.sendRequest(1);
    await alice.until(() => alice.answers.length === 1);
    alice.sendRequest(2, id);
    await alice.until(() => alice.answers.length === 2);
    expect(alice.answers.map(({ payload }) => payload)).toEqual([1, 2]);
  });
});

describe('checkpoint', () => {
  it('names the last flushed SEQUENCE and the refusals after the confirmed one', async () => {
    const { connect } = await world({
      onMessage({ payload }) {
        if (payload === 'bad') throw new Refused('because');
      },
    });
    const first = await connect();
    first.send('good');
    expect(await first.request({ '@type': 'sealwire.Checkpoint', confirmed: '-1' })).toEqual({
      '@type': 'sealwire.Checkpoint',
      last_seen_sequence: '0',
      refused: [],
    });
    first.send('bad');
    await first.untilClosed();
    const second = await connect();
    expect(await second.request({ '@type': 'sealwire.Checkpoint', confirmed: '0' })).toEqual({
      '@type': 'sealwire.Checkpoint',
      last_seen_sequence: '1',
      refused: [{ sequence: '1', reason: 'because' }],
    });
    expect(await second.request({ '@type': 'sealwire.Checkpoint', confirmed: '1' })).toMatchObject({
      refused: [],
    });
  });

  it('is answered with what is flushed while a flush of others goes on [D5]', async () => {
    const memory = memoryServerStore();
    let flushing = false;
    const store: ServerStore = {
      ...passingOn(memory),
      // As the contract has it: a read waits for what is staged.
      read: (clientId) => (flushing ? new Promise(() => {}) : memory.read(clientId)),
    };
    const { connect } = await world({ store });
    const alice = await connect();
    flushing = true;
    expect(await alice.request({ '@type': 'sealwire.Checkpoint', confirmed: '-1' })).toMatchObject({
      last_seen_sequence: '-1',
      refused: [],
    });
  });

  it.each(['1.5', '', '-2', 1, undefined])('refuses %j as the confirmed SEQUENCE', async (confirmed) => {
    const { connect } = await world();
    const alice = await connect();
    expect(await alice.request({ '@type': 'sealwire.Checkpoint', confirmed })).toEqual(
      error('invalid-request'),
    );
  });

  it('names a smaller SEQUENCE where the refusals do not fit an answer', async () => {
    const { connect, server } = await world({ limits: { maxPayloadBytes: 1_000 } });
    const { epoch } = await server.store.claim('alice', 'any');
    const session = { clientId: 'alice', epoch };
    for (let sequence = 0n; sequence < 10n; sequence++) {
      await server.store.commit({ session, sequence, refusal: 'x'.repeat(200) }).flushed;
    }
    const alice = await connect();
    const answer = await alice.request({ '@type': 'sealwire.Checkpoint', confirmed: '-1' });
    expect(answer).toMatchObject({ last_seen_sequence: '2', refused: [{}, {}, {}] });
    expect(answer).not.toHaveProperty('unknown_up_to');
  });

  it('leaves out a reason that no answer has room for', async () => {
    const { connect, server } = await world({ limits: { maxPayloadBytes: 1_000 } });
    const { epoch } = await server.store.claim('alice', 'any');
    const session = { clientId: 'alice', epoch };
    for (const [n, refusal] of ['short', 'x'.repeat(1_000), 'last'].entries()) {
      await server.store.commit({ session, sequence: BigInt(n), refusal }).flushed;
    }
    const alice = await connect();
    expect(await alice.request({ '@type': 'sealwire.Checkpoint', confirmed: '-1' })).toMatchObject({
      last_seen_sequence: '2',
      refused: [
        { sequence: '0', reason: 'short' },
        { sequence: '1', reason: '' },
        { sequence: '2', reason: 'last' },
      ],
    });
  });

  it('says up to where the store has forgotten which messages were refused', async () => {
    const { connect } = await world({
      store: memoryServerStore({ maxRefusals: 2 }),
      onMessage() {
        throw new Refused('because');
      },
    });
    for (let n = 0; n < 4; n++) {
      const alice = await connect();
      alice.send(n);
      await alice.untilClosed();
    }
    const alice = await connect();
    const ask = (confirmed: string) => alice.request({ '@type': 'sealwire.Checkpoint', confirmed });
    const refused = ['2', '3'].map((sequence) => ({ sequence, reason: 'because' }));
    expect(await ask('-1')).toMatchObject({ last_seen_sequence: '3', refused, unknown_up_to: '1' });
    expect(await ask('0')).toMatchObject({ refused, unknown_up_to: '1' });
    expect(await ask('1')).not.toHaveProperty('unknown_up_to');
  });
});
