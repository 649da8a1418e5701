import { crypto } from '@sealwire/crypto';
import { type Dialer, type Link, type LinkClose, TransportError } from '@sealwire/transport';
import { virtualClock } from '@sealwire/transport/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ConnectOptions, connect } from '../src/index.js';
import { type Keys, makeKeys } from './keys.js';
import { connectedVirtually, meet, rejection } from './set-up.js';
import { outcomeOf, settle, until } from './until.js';

let keys: Keys;
beforeAll(async () => {
  keys = await makeKeys();
});

describe('connect', () => {
  test.each<[string, Partial<ConnectOptions> | { readonly [name: string]: unknown }]>([
    ['dial', { dial: [] }],
    ['clientId', { clientId: '' }],
    ['clientId', { clientId: 'x'.repeat(165) }],
    ['clientId', { clientId: 'a b' }],
    ['clientId', { clientId: 'josé' }],
    ['clientId', { clientId: 'a\n' }],
    ['onMesage', { onMesage() {} }],
    ['calls.timout', { calls: { timout: 5 } }],
    ['deadlines.hallo', { deadlines: { hallo: 5 } }],
    ['schemas.messages', { schemas: { messages: {} } }],
    ['inbox', { inbox: 5 }],
    ['reconnect', { reconnect: null }],
    ['clientKey', { clientKey: {} }],
    ['serverKey', { serverKey: [] }],
    ['layout', { layout: 'other' }],
    ['resumeFrom', { resumeFrom: -2n }],
    ['outbox.maxMessages', { outbox: { maxMessages: 0 } }],
    ['outbox.whenFull', { outbox: { whenFull: 'drop' } }],
    ['inbox.maxBytes', { inbox: { maxBytes: 1.5 } }],
    ['calls.timeout', { calls: { timeout: Number.POSITIVE_INFINITY } }],
    ['reconnect.first', { reconnect: { first: 500, max: 100 } }],
    ['deadlines.silence', { deadlines: { silence: 0 } }],
    ['maxFrameBytes', { maxFrameBytes: 300 }],
    ['maxOrderGap', { maxOrderGap: 5 }],
    ['onMessage', { onMessage: 'fn' }],
    ['signal', { signal: {} }],
    ['state', { state: {} }],
    ['crypto', { crypto: {} }],
    ['scheduler', { scheduler: {} }],
    ['random', { random: 0.5 }],
    ['schemas.message', { schemas: { message: {} } }],
  ])('refuses a wrong %s by name, before it dials', async (name, wrong) => {
    const { options, server } = await meet(keys);
    const error = await rejection(connect({ ...options, ...wrong } as ConnectOptions));
    expect(error).toMatchObject({ code: 'E_OPTION', message: expect.stringContaining(`option ${name} `) });
    expect(server.links).toBe(0);
  });

  test('refuses to be called without options', async () => {
    const bare = connect as (options?: unknown) => Promise<unknown>;
    expect(await rejection(bare())).toMatchObject({ code: 'E_OPTION' });
    expect(await rejection(bare(null))).toMatchObject({ code: 'E_OPTION' });
  });

  test('names the option that was probably meant', async () => {
    const { options } = await meet(keys);
    const misspelt = { ...options, onMesage() {} };
    expect(await rejection(connect(misspelt))).toMatchObject({
      message: 'the option onMesage does not exist: is it onMessage?',
    });
  });

  test('takes an id that just fits the key of the server', async () => {
    const { options } = await meet(keys);
    const states: string[] = [];
    // Our server refuses so long an id; what counts here is that the hello could be made.
    const error = await rejection(
      connect({ ...options, clientId: 'x'.repeat(164), onState: ({ kind }) => void states.push(kind) }),
    );
    expect(error).toMatchObject({ code: 'E_REFUSED', closeCode: 1008 });
  });

  test('rejects at once when the server on this machine refuses', async () => {
    const { options } = await meet(keys, { onLink: refuse(1008) });
    expect(await rejection(connect(options))).toMatchObject({ code: 'E_REFUSED' });
  });

  test('goes on where the server may have refused because the link is slow [H11]', async () => {
    const clock = virtualClock();
    let slow = true;
    const onLink = (link: Link): boolean => {
      if (!slow) return false;
      slow = false;
      link.start({ frames() {}, text() {}, drain() {}, pong() {}, close() {} });
      clock.after(3_100, () => link.close(1008, ''));
      return true;
    };
    const { options, server } = await meet(keys, { scheduler: clock, onLink }, { scheduler: clock });
    const causes: unknown[] = [];
    const connecting = connect({
      ...options,
      scheduler: clock,
      onState: (state) => state.kind === 'waiting' && causes.push(state.cause.closeCode),
    });
    await settle(clock);
    clock.advance(3_100);
    await until(() => causes.length === 1, clock);
    clock.advance(20);
    const client = await outcomeOf(connecting, clock);
    expect(causes).toEqual([1008]);
    expect(server.links).toBe(2);
    await outcomeOf(client.close(), clock);
  });

  test('tries the next key of the server after a refusal', async () => {
    const { options, server } = await meet(keys);
    const old = await crypto.generateKeyPair();
    const client = await connect({ ...options, serverKey: [old.publicKey, keys.server.publicKey] });
    expect(client.state.kind).toBe('live');
    expect(server.links).toBe(2);
    await client.close();
  });

  test('tries the next dialer after one that failed', async () => {
    const { options } = await meet(keys);
    const dead: Dialer = async () => {
      throw new TransportError('E_DIAL_REFUSED', 'nobody there');
    };
    const client = await connect({ ...options, dial: [dead, options.dial as Dialer] });
    expect(client.state.kind).toBe('live');
    await client.close();
  });

  test('rejects with the last cause when its time is up', async () => {
    const { options, transport } = await meet(keys);
    transport.onDial = () => {
      throw new TransportError('E_DIAL_REFUSED', 'nobody there');
    };
    const error = await rejection(connect({ ...options, connectTimeout: 60 }));
    expect(error).toMatchObject({
      code: 'E_CONNECT_TIMEOUT',
      cause: { code: 'E_DIAL', cause: { code: 'E_DIAL_REFUSED' } },
    });
  });

  test('says down to the last cause why the last dial failed, fit to be shown', async () => {
    const { options, transport } = await meet(keys);
    const reason = (thrown: Error) => {
      transport.onDial = () => {
        throw thrown;
      };
      return rejection(connect({ ...options, connectTimeout: 60 }));
    };
    const cause = new AggregateError([new Error('connect ECONNREFUSED \u001b[2J')]);
    expect(await reason(new TransportError('E_DIAL_REFUSED', 'nobody there', { cause }))).toMatchObject({
      message: 'no live session within 60 ms: nobody there: connect ECONNREFUSED \\u001b[2J',
    });
    const repeated = new Error('self-signed certificate');
    const tls = new TransportError('E_TLS', 'no trusted TLS: self-signed certificate', { cause: repeated });
    expect(await reason(tls)).toMatchObject({
      message: 'no live session within 60 ms: no trusted TLS: self-signed certificate',
    });
    const endless = new Error('x'.repeat(9_000));
    endless.cause = endless;
    const { message } = await reason(endless);
    expect(String(message).length).toBeLessThan(600);
  });

  test('rejects when a dialer never answers', async () => {
    const { options } = await meet(keys);
    const never: Dialer = () => new Promise(() => {});
    expect(await rejection(connect({ ...options, dial: never, connectTimeout: 40 }))).toMatchObject({
      code: 'E_CONNECT_TIMEOUT',
    });
  });

  test('gives up a dial that takes too long and dials again', async () => {
    const { options } = await meet(keys);
    let dials = 0;
    const dial: Dialer = (asked) => {
      dials += 1;
      return dials === 1 ? new Promise(() => {}) : (options.dial as Dialer)(asked);
    };
    const client = await connect({ ...options, dial, dialTimeout: 20 });
    expect(dials).toBe(2);
    await client.close();
  });

  test.each([
    [true, 'E_CONNECT_TIMEOUT'],
    [false, 'E_REFUSED'],
  ])('a refused dial whose answer is forgeable: %s, ends with %s', async (forgeable, code) => {
    const { options } = await meet(keys);
    const refusal = new TransportError('E_HTTP_STATUS', 'no', {
      status: 403,
      retryAfter: 3_600_000,
      forgeable,
    });
    const dial: Dialer = () => Promise.reject(refusal);
    const connecting = connect({
      ...options,
      dial,
      reconnect: { slow: 5, first: 5, max: 5 },
      connectTimeout: 100,
    });
    expect(await rejection(connecting)).toMatchObject({ code });
  });

  test('is stopped by no refusal of a dialer that never had a link, while another one had', async () => {
    const clock = virtualClock();
    const { options, server } = await meet(keys, { scheduler: clock }, { scheduler: clock });
    const refusal = new TransportError('E_HTTP_STATUS', 'no', { status: 401 });
    let [up, refusals] = [true, 0];
    const known: Dialer = (asked) =>
      up ? (options.dial as Dialer)(asked) : Promise.reject(new TransportError('E_DIAL_FAILED', 'down'));
    const forged: Dialer = () => {
      refusals += 1;
      return Promise.reject(refusal);
    };
    const client = await outcomeOf(connect({ ...options, dial: [known, forged], scheduler: clock }), clock);
    up = false;
    client.reconnect();
    while (refusals < 10) {
      await settle(clock);
      clock.advance(30_000);
    }
    up = true;
    for (let tries = 0; server.sessions.length < 2 && tries < 4; tries += 1) {
      clock.advance(30_000);
      await settle(clock);
    }
    await until(() => client.state.kind === 'live', clock);
    await outcomeOf(client.close(), clock);
  });

  test('is called off by its signal', async () => {
    const { options } = await meet(keys, { onLink: () => true });
    const controller = new AbortController();
    const connecting = connect({ ...options, signal: controller.signal });
    await settle();
    controller.abort(new Error('changed my mind'));
    expect(await rejection(connecting)).toMatchObject({
      code: 'E_ABORTED',
      cause: { message: 'changed my mind' },
    });
    expect(await rejection(connect({ ...options, signal: controller.signal }))).toMatchObject({
      code: 'E_ABORTED',
    });
  });

  test('rejects at once on a dialer that refuses its options', async () => {
    const { options } = await meet(keys);
    const dial: Dialer = () => {
      throw new TransportError('E_INSECURE', 'ws: without allowPlaintext');
    };
    expect(await rejection(connect({ ...options, dial }))).toMatchObject({
      code: 'E_OPTION',
      cause: { cause: { code: 'E_INSECURE' } },
    });
  });

  test('stops after three handshakes that fail on this side', async () => {
    const { options, server } = await meet(keys, {
      onLink: (link) => {
        link.start({
          frames: () => link.send([new Uint8Array(256)]),
          text() {},
          drain() {},
          pong() {},
          close() {},
        });
        return true;
      },
    });
    expect(await rejection(connect(options))).toMatchObject({ code: 'E_HANDSHAKE' });
    expect(server.links).toBe(3);
  });
});

describe('a live client', () => {
  test('dials again when the server falls silent for 4.8 s', async () => {
    const { client, transport, clock } = await connectedVirtually(keys);
    for (const pair of transport.pairs) pair.faults.down.stall();
    clock.advance(4_700);
    await settle(clock);
    expect(client.state.kind).toBe('live');
    clock.advance(200);
    await until(() => client.state.kind === 'waiting', clock);
    expect(client.state).toMatchObject({ retryInMs: 500, cause: { cause: { code: 'E_SILENT' } } });
    clock.advance(500);
    await until(() => client.state.kind === 'live', clock);
    await outcomeOf(client.close(), clock);
  });

  test('takes bytes that are no frame for a sign of life, and leaves in time after them [N9]', async () => {
    const deadlines = { silence: 1_000 };
    const { server, client, transport, clock } = await connectedVirtually(keys, {}, { deadlines });
    // Before the first heartbeat: nothing but pings comes.
    for (let pings = 0; pings < 3; pings += 1) {
      clock.advance(600);
      server.session.link.pinging?.ping();
      await settle(clock);
    }
    expect(client.state.kind).toBe('live');
    for (const pair of transport.pairs) pair.faults.down.stall();
    clock.advance(999);
    await settle(clock);
    expect(client.state.kind).toBe('live');
    clock.advance(2);
    await until(() => client.state.kind === 'waiting', clock);
    expect(client.state).toMatchObject({ cause: { cause: { code: 'E_SILENT' } } });
    clock.advance(10_000);
    await outcomeOf(client.close(), clock);
  });

  test('gives a handshake no more time for bytes that are no frame [N9]', async () => {
    const clock = virtualClock();
    const links: Link[] = [];
    const onLink = (link: Link) => links.push(link) > 0;
    const { options } = await meet(keys, { scheduler: clock, onLink }, { scheduler: clock });
    const stop = new AbortController();
    const failed = rejection(connect({ ...options, scheduler: clock, signal: stop.signal }));
    await until(() => links.length === 1, clock);
    const [link] = links;
    const closes: number[] = [];
    const close = ({ code }: LinkClose) => void closes.push(code);
    link?.start({ frames() {}, text() {}, drain() {}, pong() {}, close });
    for (let time = 0; time < 5_000; time += 100) {
      expect(closes).toEqual([]);
      link?.pinging?.ping();
      clock.advance(100);
      await settle(clock);
    }
    clock.advance(1);
    await until(() => closes.length === 1, clock);
    stop.abort();
    await outcomeOf(failed, clock);
  });

  test('reads what waits in the link before it judges a silence [C5]', async () => {
    const { client, transport, clock, server } = await connectedVirtually(keys);
    const [pair] = transport.pairs;
    if (pair === undefined) throw new Error('no link');
    // The heartbeat of 2 s arrives at 4.8 s, when the timer has just fired: as after a stall of the process.
    pair.faults.down.set({ delay: 2_800 });
    clock.advance(2_000);
    await settle(clock);
    clock.advance(2_800);
    await settle(clock);
    clock.advance(1_900);
    await settle(clock);
    expect(client.state.kind).toBe('live');
    expect(server.sessions.length).toBe(1);
    const closing = client.close();
    await settle(clock);
    clock.advance(2_800);
    await outcomeOf(closing, clock);
  });

  test('waits longer after each cut, up to 20 s', async () => {
    const { client, transport, clock } = await connectedVirtually(keys, {}, { random: () => 0.5 });
    const waits: number[] = [];
    for (let cuts = 0; cuts < 7; cuts += 1) {
      for (const pair of transport.pairs) pair.faults.cut();
      await until(() => client.state.kind === 'waiting', clock);
      const { state } = client;
      if (state.kind !== 'waiting') throw new Error('not waiting');
      waits.push(state.retryInMs);
      clock.advance(state.retryInMs);
      await until(() => client.state.kind === 'live', clock);
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
    await outcomeOf(client.close(), clock);
  });

  test('stops when it is taken over, and stays stopped', async () => {
    const { client, clock, server } = await connectedVirtually(keys);
    server.session.fail(4000, 'the same id connected again');
    await until(() => client.state.kind === 'stopped', clock);
    clock.advance(120_000);
    await settle(clock);
    expect(client.state).toMatchObject({ kind: 'stopped', error: { code: 'E_TAKEN_OVER' } });
    expect(server.sessions.length).toBe(1);
    expect(clock.pending).toBe(0);
    await client.close();
  });

  test('does not stop when its own earlier attempt, whose proof went out, may have taken it over', async () => {
    const { client, clock, server, transport } = await connectedVirtually(keys);
    let attempts = 0;
    transport.onPair = ({ faults }) => {
      attempts += 1;
      // The proof is the second frame: it gets through, and nothing comes back.
      if (attempts === 1) faults.up.cutAfterFrames(2);
    };
    for (const pair of transport.pairs) pair.faults.cut();
    while (attempts < 2) {
      clock.advance(100);
      await settle(clock);
    }
    await until(() => client.state.kind === 'live', clock);
    server.session.fail(4000, 'the same id connected again');
    await until(() => client.state.kind !== 'live', clock);
    expect(client.state).toMatchObject({ kind: 'waiting', cause: { closeCode: 4000 } });
    clock.advance(20_000);
    await until(() => client.state.kind === 'live', clock);
    server.session.fail(4000, 'the same id connected again');
    await until(() => client.state.kind === 'stopped', clock);
    await client.close();
  });

  test('stops after five closes at one SEQUENCE', async () => {
    const { options, server } = await meet(keys, {
      onMessage: (_, session) => {
        queueMicrotask(() => session.fail(1011, 'crashed'));
        return 'hold';
      },
    });
    const client = await connect(options);
    const sending = await client.send('poison');
    await until(() => client.state.kind === 'stopped');
    expect(client.state).toMatchObject({ error: { code: 'E_STUCK', closeCode: 1011 } });
    expect(server.sessions.length).toBe(5);
    expect(await rejection(sending.outcome)).toMatchObject({ code: 'E_OUTCOME_UNKNOWN' });
    await client.close();
  });

  test('dials again within 100 ms after 1012 in the handshake', async () => {
    let restarts = 1;
    const { client, clock, transport } = await connectedVirtually(keys, {
      onLink: (link) => {
        if (restarts !== 0) return false;
        restarts -= 1;
        link.start({ frames: () => link.close(1012, ''), text() {}, drain() {}, pong() {}, close() {} });
        return true;
      },
    });
    restarts = 0;
    for (const pair of transport.pairs) pair.faults.cut();
    await until(() => client.state.kind === 'waiting', clock);
    clock.advance(500);
    await until(() => client.state.kind === 'waiting' && client.state.cause.closeCode === 1012, clock);
    expect(client.state).toMatchObject({ retryInMs: 50 });
    clock.advance(50);
    await until(() => client.state.kind === 'live', clock);
    await outcomeOf(client.close(), clock);
  });
});

function refuse(code: number) {
  return (link: Link): boolean => {
    link.close(code, '');
    return true;
  };
}
