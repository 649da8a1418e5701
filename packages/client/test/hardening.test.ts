import { crypto } from '@sealwire/crypto';
import { encodeWelcome } from '@sealwire/framing';
import { defaultDeadlines, SessionError } from '@sealwire/session';
import { memoryClientState } from '@sealwire/store';
import type { Dialer, Link } from '@sealwire/transport';
import { beforeAll, describe, expect, test } from 'vitest';
import { clientDefaults, connect, forgetPin } from '../src/index.js';
import { assertOneServer } from '../src/key-sharing.js';
import { type AttemptContext, type AttemptEnd, ReconnectPolicy } from '../src/reconnect.js';
import { type Keys, makeKeys } from './keys.js';
import type { ScriptedServer } from './scripted-server.js';
import { connectedVirtually, meet, overPlainLinks, rejection } from './set-up.js';
import { outcomeOf, settle, until } from './until.js';

let keys: Keys;
beforeAll(async () => {
  keys = await makeKeys();
});

/** The same link, over a network that anybody can write to. */
function plain(dial: Dialer): Dialer {
  return overPlainLinks({ dial });
}

/** Sends the client a welcome of somebody who knows its public key and nothing else. */
function answerFalsely(link: Link): true {
  link.start({
    frames: async () => {
      const welcome = {
        dataToSign: crypto.randomBytes(32).fill(0x7f, 8, 17),
        lastSeenSequence: 41n,
        serverAesKey: crypto.randomBytes(32),
      };
      link.send([await keys.client.publicKey.encrypt(encodeWelcome(welcome))]);
    },
    text() {},
    drain() {},
    pong() {},
    close() {},
  });
  return true;
}

describe('the modes of a client', () => {
  test.each([
    ['prefer', 'prefer', 'hardened'],
    ['require', 'prefer', 'hardened'],
    ['prefer', 'off', 'not-offered'],
    ['off', 'prefer', 'off'],
  ] as const)('%s, with a server that says %s, give a session that is %s', async (mine, theirs, expected) => {
    const { options } = await meet(keys, { hardening: theirs });
    const state = memoryClientState();
    const client = await connect({ ...options, state, hardening: mine });
    expect(client.state).toMatchObject({ kind: 'live', hardening: expected });
    expect((await state.load()).pin !== undefined).toBe(expected === 'hardened');
    await client.close();
  });

  test.each([
    ['prefer', {}],
    ['require', {}],
    ['require', { hardening: 'require' as const }],
  ])('%s by default, on a link that anybody can write to or not, and as it is told', async (mode, given) => {
    const { options, server } = await meet(keys);
    const dial = mode === 'require' ? plain(options.dial as Dialer) : options.dial;
    if (mode === 'prefer') return (await connect({ ...options, ...given, dial })).close();
    const connecting = connect({ ...options, ...given, dial, connectTimeout: 300 });
    expect(await rejection(connecting)).toMatchObject({
      code: 'E_CONNECT_TIMEOUT',
      cause: { cause: { code: 'E_UNHARDENED' } },
    });
    expect(server.sessions.every(({ live }) => !live)).toBe(true);
  });

  test('take the word of the application for an unhardened server on a plain link', async () => {
    const { options } = await meet(keys);
    const client = await connect({
      ...options,
      dial: plain(options.dial as Dialer),
      trustUnhardenedServer: true,
    });
    expect(client.state).toMatchObject({ kind: 'live', hardening: 'not-offered' });
    await client.close();
  });

  test('are checked, and refuse to contradict', async () => {
    const { options } = await meet(keys);
    for (const wrong of [
      { hardening: 'always' as never },
      { hardening: 'require' as const, trustUnhardenedServer: true },
      { context: 'x'.repeat(1_025) },
      { context: 7 as never },
    ]) {
      expect(await rejection(connect({ ...options, ...wrong }))).toMatchObject({ code: 'E_OPTION' });
    }
  });

  test('reject the first connect at once where the server has another context', async () => {
    const { options } = await meet(keys, { hardening: 'prefer', context: 'production' });
    expect(await rejection(connect({ ...options, context: 'staging' }))).toMatchObject({
      code: 'E_HANDSHAKE',
      cause: { cause: { code: 'E_TAG' } },
    });
    const client = await connect({ ...options, context: new TextEncoder().encode('production') });
    expect(client.state).toMatchObject({ hardening: 'hardened' });
    await client.close();
  });
});

describe('the pin', () => {
  test('refuses a server that is not hardened any more, also after a restart, until it is forgotten', async () => {
    const { options, server } = await meet(keys, { hardening: 'prefer' });
    const state = memoryClientState();
    await (await connect({ ...options, state })).close();
    server.script.hardening = 'off';
    const again = state.reopen();
    expect(await rejection(connect({ ...options, state: again }))).toMatchObject({ code: 'E_UNHARDENED' });
    // It holds over `prefer` too.
    const third = again.reopen();
    expect(await rejection(connect({ ...options, state: third, hardening: 'prefer' }))).toMatchObject({
      code: 'E_UNHARDENED',
    });
    await forgetPin(third);
    const client = await connect({ ...options, state: third });
    expect(client.state).toMatchObject({ hardening: 'not-offered' });
    await client.close();
  });

  test('is durable before anything is signed', async () => {
    const { options, server } = await meet(keys, { hardening: 'prefer' });
    const memory = memoryClientState();
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const state = {
      ...{ load: () => memory.load(), append: memory.append.bind(memory), trim: memory.trim.bind(memory) },
      close: () => memory.close(),
      save: async (change: Parameters<typeof memory.save>[0]) => {
        if (change.pin !== undefined) await held;
        await memory.save(change);
      },
    };
    const connecting = connect({ ...options, state });
    await until(() => server.sessions.length === 1);
    await settle();
    expect(server.session.live).toBe(false);
    release();
    const client = await connecting;
    expect((await memory.load()).pin).toBeDefined();
    await client.close();
  });

  test('that cannot be saved stops the client', async () => {
    const { options } = await meet(keys, { hardening: 'prefer' });
    const memory = memoryClientState();
    const state = {
      ...{ load: () => memory.load(), append: memory.append.bind(memory), trim: memory.trim.bind(memory) },
      close: () => memory.close(),
      save: () => Promise.reject(new Error('no disk')),
    };
    expect(await rejection(connect({ ...options, state }))).toMatchObject({ code: 'E_STORE' });
  });
});

describe('state over a plain link', () => {
  const whole = async (server: ScriptedServer, dial: Dialer, options: Parameters<typeof connect>[0]) => {
    const state = memoryClientState();
    const seen: unknown[] = [];
    const client = await connect({
      ...options,
      dial: plain(dial),
      state,
      hardening: 'prefer',
      onMessage: ({ payload }) => void seen.push(payload),
    });
    const sent = await client.send('x');
    server.publish('y', 'z');
    await until(() => server.accepted.length === 1 && seen.length === 2);
    return { client, sent, state };
  };

  test('moves when the session is hardened, and Checkpoint is used without being asked for', async () => {
    const { server, options } = await meet(keys, { hardening: 'prefer', checkpoint: true });
    const { client, sent, state } = await whole(server, options.dial as Dialer, options);
    expect(await sent.outcome).toEqual({ kind: 'accepted' });
    await client.close();
    expect(await state.load()).toMatchObject({ savedOrder: 2n, outbox: [] });
  });

  test('does not move at a false first contact, which may choose all numbers', async () => {
    const { options, server } = await meet(keys, { hardening: 'prefer', onLink: answerFalsely });
    const state = memoryClientState();
    await state.append([{ index: 0n, json: new TextEncoder().encode('"kept"') }]);
    const client = connect({ ...options, dial: plain(options.dial as Dialer), state, connectTimeout: 300 });
    expect(await rejection(client)).toMatchObject({ code: 'E_CONNECT_TIMEOUT' });
    expect(server.links).toBeGreaterThan(0);
    expect(await state.load()).toMatchObject({ savedOrder: -1n, sequenceOffset: undefined, pin: undefined });
    expect((await state.load()).outbox).toHaveLength(1);
  });
});

describe('the life of a hardened session', () => {
  test('is asked for with a Checkpoint after 10 s of heartbeats, and goes on with the answer', async () => {
    const { client, clock, server } = await connectedVirtually(keys, {
      hardening: 'prefer',
      checkpoint: true,
    });
    const beat = async (seconds: number) => {
      for (let second = 0; second < seconds; second += 1) {
        clock.advance(1_000);
        await settle(clock);
      }
    };
    await beat(30);
    expect(client.state.kind).toBe('live');
    expect(server.sessions).toHaveLength(1);
    expect(server.checkpoints).toBeGreaterThanOrEqual(2);
    await outcomeOf(client.close(), clock);
  });

  test('ends where only heartbeats come', async () => {
    const { client, clock, server } = await connectedVirtually(keys, {
      hardening: 'prefer',
      checkpoint: true,
    });
    server.session.mute();
    for (let second = 0; second < 16; second += 1) {
      clock.advance(1_000);
      await settle(clock);
    }
    expect(server.sessions.length).toBeGreaterThan(1);
    await outcomeOf(client.close(), clock);
  });

  test('stops with 4000 that the server sealed', async () => {
    const { options, server } = await meet(keys, { hardening: 'prefer' });
    const client = await connect(options);
    server.session.fail(4000, '4000 the client id connected again');
    await until(() => client.state.kind === 'stopped');
    expect(client.state).toMatchObject({ error: { code: 'E_TAKEN_OVER' } });
    await client.close();
  });

  test.each([4000, 4001, 4100, 4101, 1008, 1011])('does not stop at a forged close with %i', async (code) => {
    const { options, server, transport } = await meet(keys, { hardening: 'prefer' });
    const client = await connect({ ...options, reconnect: { max: 5, slow: 5 } });
    for (let times = 1; times <= 6; times += 1) {
      await until(() => server.sessions.length === times && client.state.kind === 'live');
      for (const pair of transport.pairs) pair.server.close(code, '');
    }
    await until(() => server.sessions.length === 7 && client.state.kind === 'live');
    await client.close();
  });
});

describe('the policy in hardened sessions', () => {
  const policy = () => new ReconnectPolicy(clientDefaults.reconnect, () => 0.5, 1);
  const context: AttemptContext = {
    unconfirmed: 3n,
    received: 5n,
    first: false,
    late: false,
    otherProof: false,
  };
  const end = (changes: Partial<AttemptEnd>): AttemptEnd => ({
    phase: 'live',
    closeCode: 1006,
    ownClose: false,
    trusted: false,
    hardened: true,
    liveFor: 100,
    ...changes,
  });
  const kindAfter = (changes: Partial<AttemptEnd>, times = 6) => {
    const subject = policy();
    const kinds = Array.from({ length: times }, () => subject.next(end(changes), context).kind);
    return kinds.at(-1);
  };

  test.each([4000, 4100, 4101])('stops at %i only if the sealed ERROR begins with it', (closeCode) => {
    expect(kindAfter({ closeCode }, 1)).toBe('dial');
    expect(kindAfter({ closeCode, serverText: '4999 other' }, 1)).toBe('dial');
    expect(kindAfter({ closeCode, serverText: `${closeCode}0 units are too many` }, 1)).toBe('dial');
    expect(kindAfter({ closeCode, serverText: `${closeCode}` }, 1)).toBe('stop');
    expect(kindAfter({ closeCode, serverText: `${closeCode} so` }, 1)).toBe('stop');
    expect(kindAfter({ closeCode, serverText: `${closeCode} so`, phase: 'proof' }, 1)).toBe('stop');
    expect(kindAfter({ closeCode, phase: 'proof' }, 1)).toBe('dial');
  });

  test('does not take altered frames for a server that cannot be understood', () => {
    const altered = { ownClose: true, closeCode: 1002, error: new SessionError('E_FRAME', 'altered') };
    expect(kindAfter(altered)).toBe('dial');
    expect(kindAfter({ ...altered, hardened: false, trusted: true })).toBe('stop');
  });

  test('does not take forged closes for a message that kills the session', () => {
    expect(kindAfter({ closeCode: 1011 })).toBe('dial');
    expect(kindAfter({ closeCode: 1011, serverText: '1011 the server failed' })).toBe('stop');
  });

  test('counts a pin refusal like 1008, and never stops for it on a plain link', () => {
    const refusal = {
      phase: 'handshake' as const,
      ...{ hardened: false, ownClose: true, closeCode: 1002 },
      error: new SessionError('E_UNHARDENED', 'no'),
    };
    expect(kindAfter({ ...refusal, trusted: true }, 4)).toBe('dial');
    expect(kindAfter({ ...refusal, trusted: true }, 5)).toBe('stop');
    expect(kindAfter(refusal, 20)).toBe('dial');
  });

  test('never stops for refused proofs on a plain link', () => {
    expect(kindAfter({ phase: 'proof', closeCode: 1008 }, 20)).toBe('dial');
    expect(kindAfter({ phase: 'proof', closeCode: 1008, trusted: true }, 20)).toBe('stop');
  });
});

describe('one client key', () => {
  test('is for one server, whose key may change as long as one stays [S38]', async () => {
    const [client, one, two, three] = await Promise.all(
      Array.from({ length: 4 }, async () => (await crypto.generateKeyPair()).publicKey),
    );
    if (!client || !one || !two || !three) throw new Error('no keys');
    assertOneServer(client, [one]);
    assertOneServer(client, [one, two]);
    assertOneServer(client, [two]);
    expect(() => assertOneServer(client, [three])).toThrow(expect.objectContaining({ code: 'E_OPTION' }));
  });

  test('is refused for a second server unless that is allowed [S38]', async () => {
    const { options } = await meet(keys);
    await (await connect(options)).close();
    const other = await crypto.generateKeyPair();
    const elsewhere = { ...options, serverKey: other.publicKey, connectTimeout: 100 };
    expect(await rejection(connect(elsewhere))).toMatchObject({ code: 'E_OPTION' });
    expect(await rejection(connect({ ...elsewhere, allowKeySharing: true }))).not.toMatchObject({
      code: 'E_OPTION',
    });
  });
});

test('the deadlines of hardened sessions are 10 s and 5 s', () => {
  expect(defaultDeadlines).toMatchObject({ unsealed: 10_000, checkpoint: 5_000 });
});
