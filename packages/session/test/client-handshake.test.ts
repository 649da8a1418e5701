import { crypto } from '@sealwire/crypto';
import { encodeWelcome } from '@sealwire/framing';
import { describe, expect, it } from 'vitest';
import { hex, utf8 } from './support/bytes.js';
import { ClientSide } from './support/client-side.js';
import { clientKey } from './support/keys.js';
import { greeted, readyClient, welcomedClient, welcomeOf } from './support/peers.js';

/** A handshake that the client gave up: it signed nothing, and it closes. */
function expectRefusal(client: ClientSide, code: string, message?: RegExp): void {
  expect(client.error).toMatchObject({ code });
  if (message !== undefined) expect(client.error?.message).toMatch(message);
  expect(client.ended).toBe(1002);
  expect(client.session.state).toBe('ended');
  expect(client.named('transmit')).toEqual([['transmit', 256]]);
  expect(client.named('ready')).toEqual([]);
  expect(client.session.nextTick).toBe(Number.POSITIVE_INFINITY);
}

const json = '7b224074797065223a2243616e63656c416c6c4f7264657273227d';

describe('a welcome', () => {
  it('is signed, and then messages may be sent', async () => {
    const { client, hello } = await readyClient({ lastSeenOrder: 5n });
    expect(hello).toMatchObject({ clientId: utf8('test'), lastSeenOrder: 5n });
    expect(hello.clientAesKey).toHaveLength(32);
    expect(client.calls).toEqual([['transmit', 256], ['welcome', -1n], ['transmit', 256], ['ready']]);
    expect(client.session.state).toBe('ready');
  });

  it.each([
    ['a message of the document', `00000000000000010000001b${json}00`, /rule 2/],
    ['a message with bytes after it', `00000000000000010000001b${json}00ffff`, /rule 2/],
    ['a message with padding that is not zero', `00000000000000010000001b${json}01`, /rule 2/],
    ['a message with a length below the rest', `000000000000000100000001${json}00`, /rule 2/],
    ['a message of the deployed layout', `0000000100000000000000010000001b${json}00`, /rule [23]/],
    ['32 zero bytes', '00'.repeat(32), /rule 2/],
    ['nothing', '', /rule 1/],
    ['15 bytes', 'ff'.repeat(15), /rule 1/],
  ])(
    'whose DATA TO SIGN are %s is refused and not signed [S24, S25, S26, S27, S29]',
    async (_, text, rule) => {
      const client = await welcomedClient({ dataToSign: hex(text) });
      expectRefusal(client, 'E_CHALLENGE_REFUSED', rule);
      expect(client.named('welcome')).toEqual([]);
    },
  );

  it.each([16, 32, 33, 64, 65, 164])('may hold %i random bytes to sign [S27]', async (length) => {
    const { client } = await readyClient({}, { dataToSign: new Uint8Array(length).fill(0xa5) });
    expect(client.session.state).toBe('ready');
  });

  it.each([
    ['of 16 bytes', crypto.randomBytes(16)],
    ['of 33 bytes', crypto.randomBytes(33)],
    ['of no bytes', new Uint8Array(0)],
    ['of equal bytes', new Uint8Array(32).fill(7)],
  ])('with an AES key %s is refused [S31]', async (_, serverAesKey) => {
    expectRefusal(await welcomedClient({ serverAesKey }), 'E_HANDSHAKE', /malformed/);
  });

  it("with the client's own AES key is refused [S31]", async () => {
    const { client, hello } = await greeted();
    const welcome = welcomeOf({ serverAesKey: hello.clientAesKey });
    await client.receive(await clientKey.publicKey.encrypt(encodeWelcome(welcome)));
    expectRefusal(client, 'E_HANDSHAKE', /own AES key/);
  });

  it.each([-2n, 1n << 62n, -(1n << 63n), (1n << 63n) - 1n])(
    'with LAST SEEN SEQUENCE %i is refused [S32]',
    async (lastSeenSequence) => {
      expectRefusal(await welcomedClient({ lastSeenSequence }), 'E_HANDSHAKE', /LAST SEEN SEQUENCE/);
    },
  );

  it.each([-1n, 0n, (1n << 62n) - 1n])('may name LAST SEEN SEQUENCE %i', async (lastSeenSequence) => {
    const { client } = await readyClient({}, { lastSeenSequence });
    expect(client.named('welcome')).toEqual([['welcome', lastSeenSequence]]);
  });

  it('whose LAST SEEN SEQUENCE does not fit the client is not signed [S32]', async () => {
    const verdict = new Error('the server has seen more than was sent');
    const client = await welcomedClient({ lastSeenSequence: 9n }, { verdict });
    expect(client.error).toBe(verdict);
    expect(client.ended).toBe(1000);
    expect(client.kinds).toEqual(['encrypt', 'decrypt']);
  });

  it.each([0, 1, 255, 257, 512])('of %i bytes is refused without RSA [S35]', async (length) => {
    const { client } = await greeted();
    client.session.receive([new Uint8Array(length)]);
    expect(client.jobs).toEqual([]);
    expectRefusal(client, 'E_HANDSHAKE', /256 bytes/);
  });

  it('that cannot be decrypted is refused [S34, H10]', async () => {
    const { client } = await greeted();
    await client.receive(new Uint8Array(256).fill(1));
    expectRefusal(client, 'E_HANDSHAKE', /welcome failed/);
  });

  it('is refused when its plaintext is cut or has bytes after it [H10]', async () => {
    const plain = encodeWelcome(welcomeOf());
    for (const bytes of [plain.subarray(0, -1), plain.subarray(0, 4), Uint8Array.of(...plain, 0, 0, 0, 5)]) {
      const { client } = await greeted();
      await client.receive(await clientKey.publicKey.encrypt(bytes));
      expectRefusal(client, 'E_HANDSHAKE', /malformed/);
    }
  });

  it('may carry a version towards a client of the deployed layout', async () => {
    const { client } = await readyClient({ layout: 'deployed' }, { version: 5 });
    expect(client.session.state).toBe('ready');
  });

  it('is refused when another frame follows before the proof', async () => {
    const { client } = await greeted();
    const welcome = await clientKey.publicKey.encrypt(encodeWelcome(welcomeOf()));
    client.session.receive([welcome, welcome]);
    await client.work();
    expectRefusal(client, 'E_HANDSHAKE', /second frame/);
  });
});

describe('a frame where the handshake has none', () => {
  it('ends the session before the hello is out', async () => {
    const client = new ClientSide();
    client.session.receive([new Uint8Array(256)]);
    await client.work();
    expect(client.error).toMatchObject({ code: 'E_HANDSHAKE' });
    expect(client.calls).toEqual([['end', 1002]]);
  });

  it('ends the session while the proof is signed', async () => {
    const { client } = await greeted();
    client.session.receive([await clientKey.publicKey.encrypt(encodeWelcome(welcomeOf()))]);
    const job = client.jobs.shift();
    if (job !== undefined) client.session.complete(await client.execute(job));
    expect(client.session.state).toBe('proof');
    await client.receive(Uint8Array.of(0));
    expectRefusal(client, 'E_HANDSHAKE');
  });

  it('ends the session when it is a text [S35]', async () => {
    const { client } = await greeted();
    client.session.receiveText();
    expect(client.ended).toBe(1003);
    expect(client.error).toMatchObject({ code: 'E_TEXT_FRAME' });
  });
});

describe('time', () => {
  it('for the whole handshake is 5 s [S36]', async () => {
    const { client } = await greeted();
    client.clock.advance(4_000);
    client.session.receive([await clientKey.publicKey.encrypt(encodeWelcome(welcomeOf()))]);
    client.pass(999);
    expect(client.ended).toBeUndefined();
    client.pass(1);
    expect(client.ended).toBe(1001);
    expect(client.error).toMatchObject({ code: 'E_DEADLINE' });
    await client.work();
    expect(client.named('transmit')).toHaveLength(1);
  });
});

describe('RSA that fails', () => {
  it.each(['hello', 'welcome', 'proof'] as const)('at the %s ends the session', async (step) => {
    const { client } = step === 'hello' ? { client: new ClientSide() } : await greeted();
    if (step !== 'hello')
      client.session.receive([await clientKey.publicKey.encrypt(encodeWelcome(welcomeOf()))]);
    if (step === 'proof') {
      const job = client.jobs.shift();
      if (job !== undefined) client.session.complete(await client.execute(job));
    }
    expect(client.session.state).toBe(step);
    client.session.complete(undefined);
    expect(client.error).toMatchObject({ code: 'E_HANDSHAKE' });
    expect(client.error?.message).toContain(step);
    expect(client.ended).toBe(1002);
  });
});

describe('a driver', () => {
  it('may not hand over a result that nobody asked for', async () => {
    const { client } = await greeted();
    expect(() => client.session.complete(new Uint8Array(1))).toThrow(
      expect.objectContaining({ code: 'E_STATE' }),
    );
  });

  it.each(['transmit', 'welcome', 'ready'] as const)(
    'that destroys the session within %s is not called again',
    async (when) => {
      const { client } = await greeted({
        on: (call, side) => {
          if (call === when && (call !== 'transmit' || side.named('welcome').length > 0))
            side.session.destroy();
        },
      });
      await client.receive(await clientKey.publicKey.encrypt(encodeWelcome(welcomeOf())));
      client.pass(1e9);
      expect(client.calls.at(-1)?.[0]).toBe(when);
      expect(client.session.state).toBe('ended');
      expect(client.kinds).toEqual(['encrypt', 'decrypt', ...(when === 'welcome' ? [] : ['sign'])]);
    },
  );

  it('gets its own errors back once the handshake is done', async () => {
    const { client } = await greeted({
      on: (call, side) => {
        if (call === 'ready') side.session.sendMessage(-1n, utf8('{}'));
      },
    });
    const welcome = await clientKey.publicKey.encrypt(encodeWelcome(welcomeOf()));
    await expect(client.receive(welcome)).rejects.toMatchObject({ code: 'E_SEQUENCE' });
    expect(client.session.state).toBe('ready');
  });
});
