import { describe, expect, it, vi } from 'vitest';
import { dialError, httpError, parseRetryAfter } from '../src/dial-error.js';
import { type DialOptions, dialWebSocket, listenWebSocket } from '../src/index.js';
import { isLoopbackAddress } from '../src/loopback.js';
import { testOnly } from './certificate.js';
import { type RawPeer, rawServer } from './raw.js';

const patient = { signal: new AbortController().signal };

/** What a dial to a server that answers like this fails with. */
async function failure(
  serve: (peer: RawPeer, head: string) => void,
  options: DialOptions = {},
): Promise<unknown> {
  const [port, server] = await rawServer(serve);
  try {
    return await dialWebSocket(`ws://127.0.0.1:${port}`, options)(patient).catch((error: unknown) => error);
  } finally {
    server.close();
  }
}

const answer = (status: string, ...headers: string[]) =>
  failure((peer) => {
    peer.socket.end(`HTTP/1.1 ${[status, ...headers].join('\r\n')}\r\nContent-Length: 0\r\n\r\n`);
  });

describe('a URL', () => {
  const refused: [string, string][] = [
    ['nonsense', 'E_URL'],
    ['http://127.0.0.1', 'E_URL'],
    ['wss://user:secret@example.com', 'E_URL'],
    ['wss://user@example.com', 'E_URL'],
    ['wss://example.com/#top', 'E_URL'],
    ['wss://example.com/#', 'E_URL'],
    ['ws://example.com', 'E_INSECURE'],
    ['ws://localhost.example.com', 'E_INSECURE'],
    ['ws://127.0.0.1.example.com', 'E_INSECURE'],
    ['ws://user@127.0.0.1', 'E_URL'],
    ['ws://127.0.0.1@example.com', 'E_URL'],
    ['ws://[::ffff:127.0.0.1]', 'E_INSECURE'],
    ['ws://[::ffff:8.8.8.8]', 'E_INSECURE'],
    ['ws://10.0.0.1', 'E_INSECURE'],
  ];
  for (const [url, code] of refused) {
    it(`${url} is refused at once with ${code} [S37]`, () => {
      expect(() => dialWebSocket(url)).toThrowError(expect.objectContaining({ code }));
    });
  }

  it('never appears with its credentials in an error', () => {
    expect(() => dialWebSocket('wss://user:secret@example.com')).toThrowError(/^(?!.*secret)/);
  });

  for (const url of [
    'ws://localhost',
    'ws://LOCALHOST',
    'ws://127.1',
    'ws://127.9.8.7',
    'ws://0x7f.1',
    'ws://[::1]',
    'ws://[0:0::1]:80',
    'wss://example.com',
  ]) {
    it(`${url} is accepted [S37]`, () => {
      expect(dialWebSocket(url)).toBeTypeOf('function');
    });
  }

  it('without TLS leads anywhere with allowPlaintext', () => {
    expect(dialWebSocket('ws://example.com', { allowPlaintext: true })).toBeTypeOf('function');
  });
});

describe('loopback', () => {
  it('is 127.0.0.0/8 and ::1, also as IPv6 writes it', () => {
    for (const address of ['127.0.0.1', '127.255.0.3', '::1', '::ffff:127.0.0.1']) {
      expect(isLoopbackAddress(address)).toBe(true);
    }
    for (const address of ['10.0.0.1', '::', '::ffff:10.0.0.1', '1127.0.0.1', 'fe80::1', undefined]) {
      expect(isLoopbackAddress(address)).toBe(false);
    }
  });
});

describe('options of a dialer', () => {
  const refused: [string, DialOptions][] = [
    ['tls on ws:', { tls: {} }],
    ['no object', null as never],
    ['a name that is no option', { maxpayload: 5 } as never],
    ['a payload of 0', { maxPayload: 0 }],
    ['a payload above 16 MiB', { maxPayload: 16_777_217 }],
    ['a handshake timeout that is not a number', { handshakeTimeout: Number.NaN }],
    ['a close timeout longer than a timer', { closeTimeout: 2 ** 31 }],
  ];
  for (const [what, options] of refused) {
    it(`refuse ${what}`, () => {
      expect(() => dialWebSocket('ws://localhost', options)).toThrowError(
        expect.objectContaining({ code: 'E_OPTION' }),
      );
    });
  }

  it('refuse a certificate or key that is not PEM, before anything is dialed', () => {
    for (const tls of [{ cert: 'cert.pem', key: 'key.pem' }, { key: 'key.pem' }]) {
      expect(() => dialWebSocket('wss://localhost', { tls })).toThrowError(
        expect.objectContaining({ code: 'E_OPTION', message: expect.stringContaining('tls') }),
      );
    }
  });

  it('refuse a name in tls that is no option', () => {
    expect(() => dialWebSocket('wss://localhost', { tls: { CA: 'x' } as never })).toThrowError(
      expect.objectContaining({ code: 'E_OPTION', message: expect.stringContaining('CA') }),
    );
  });

  it('refuse what HTTP does not allow in headers and protocols', async () => {
    for (const options of [
      { headers: { 'x-a': 'b\r\nc: d' } },
      { protocols: ['a b'] },
      { protocols: ['a', 'a'] },
    ]) {
      await expect(dialWebSocket('ws://localhost:1', options)(patient)).rejects.toMatchObject({
        code: 'E_OPTION',
      });
    }
  });
});

describe('a dial', () => {
  it('sends headers and protocols, and never offers compression', async () => {
    let seen = '';
    await failure(
      (peer, head) => {
        seen = head;
        peer.socket.destroy();
      },
      { headers: { 'X-Token': 'abc' }, protocols: ['one', 'two'] },
    );
    expect(seen).toMatch(/\r\nX-Token: abc\r\n/);
    expect(seen).toMatch(/\r\nSec-WebSocket-Protocol: one,two\r\n/);
    expect(seen).not.toMatch(/extensions/i);
  });

  it('ends at the handshake timeout when the upgrade is never answered [N15]', async () => {
    expect(await failure(() => {}, { handshakeTimeout: 50 })).toMatchObject({ code: 'E_DIAL_TIMEOUT' });
  });

  it('ends at the handshake timeout however often the answer trickles [N15, M1]', async () => {
    const trickle = failure(
      (peer) => {
        const timer = setInterval(() => peer.socket.write('H'), 10);
        peer.socket.on('close', () => clearInterval(timer));
        peer.socket.write('HTTP/1.1 101 ');
      },
      { handshakeTimeout: 100 },
    );
    expect(await trickle).toMatchObject({ code: 'E_DIAL_TIMEOUT' });
  });

  it('tells the status of 401 and 403 [N13]', async () => {
    expect(await answer('401 Unauthorized')).toMatchObject({
      code: 'E_HTTP_STATUS',
      status: 401,
      retryAfter: undefined,
    });
    expect(await answer('403 Forbidden')).toMatchObject({ code: 'E_HTTP_STATUS', status: 403 });
  });

  it('tells when to come again after 429 and 503 [N13]', async () => {
    const busy = await answer('429 Too Many Requests', 'Retry-After: 7');
    expect(busy).toMatchObject({ code: 'E_HTTP_STATUS', status: 429, retryAfter: 7_000 });
    const past = await answer('503 Service Unavailable', 'Retry-After: Wed, 21 Oct 2015 07:28:00 GMT');
    expect(past).toMatchObject({ code: 'E_HTTP_STATUS', status: 503, retryAfter: 0 });
  });

  it.each([
    ['ws:', '127.0.0.1', false],
    ['ws:', '::ffff:127.0.0.1', false],
    ['ws:', '192.0.2.1', true],
    ['ws:', undefined, true],
    ['wss:', '192.0.2.1', false],
  ])(
    'tells whether anybody on the way may have written the answer (%s from %s: %s)',
    (protocol, remoteAddress, forgeable) => {
      for (const statusCode of [302, 403]) {
        const answer = { statusCode, headers: {}, socket: { remoteAddress } };
        expect(httpError(answer, new URL(`${protocol}//example`))).toMatchObject({ forgeable });
      }
    },
  );

  it('follows no redirect [S37, N13]', async () => {
    const redirect = await answer('302 Found', 'Location: ws://127.0.0.1:1/');
    expect(redirect).toMatchObject({ code: 'E_REDIRECT', status: 302 });
  });

  it('fails at an answer that is cut, no HTTP, or not for this request', async () => {
    expect(await failure((peer) => peer.socket.destroy())).toMatchObject({ code: 'E_DIAL_FAILED' });
    expect(await failure((peer) => peer.socket.end('nonsense\r\n\r\n'))).toMatchObject({
      code: 'E_DIAL_FAILED',
    });
    const accept = 'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA';
    expect(await answer('101 Switching Protocols', accept)).toMatchObject({ code: 'E_DIAL_FAILED' });
  });

  it('is refused where nobody listens [N13]', async () => {
    const listener = await listenWebSocket({ port: 0 })(() => {});
    await listener.close();
    await expect(dialWebSocket(listener.url)(patient)).rejects.toMatchObject({ code: 'E_DIAL_REFUSED' });
  });

  it('knows the other failures by what the operating system says', () => {
    const url = new URL('wss://example.com');
    const system = (code: string) => dialError(Object.assign(new Error(code), { code }), 'connect', url).code;
    expect(system('ENOTFOUND')).toBe('E_DNS');
    expect(system('EAI_AGAIN')).toBe('E_DNS');
    expect(system('ETIMEDOUT')).toBe('E_DIAL_TIMEOUT');
    expect(system('ENETUNREACH')).toBe('E_DIAL_FAILED');
  });
});

describe('Retry-After', () => {
  it('is seconds or a date, else nothing', () => {
    const now = Date.parse('2030-01-01T00:00:00Z');
    expect(parseRetryAfter('0', now)).toBe(0);
    expect(parseRetryAfter('120', now)).toBe(120_000);
    expect(parseRetryAfter('Tue, 01 Jan 2030 00:00:30 GMT', now)).toBe(30_000);
    expect(parseRetryAfter('soon', now)).toBeUndefined();
    expect(parseRetryAfter(undefined, now)).toBeUndefined();
  });
});

describe('TLS', () => {
  async function tlsFailure(options: DialOptions, rewrite = (url: string) => url): Promise<unknown> {
    const listener = await listenWebSocket({ port: 0, tls: testOnly })((link) => link.terminate());
    const result = await dialWebSocket(
      rewrite(listener.url),
      options,
    )(patient).catch((error: unknown) => error);
    await listener.close();
    return result;
  }

  it('refuses a certificate that nobody vouches for [N13]', async () => {
    expect(await tlsFailure({})).toMatchObject({
      code: 'E_TLS',
      cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    });
  });

  it('refuses it also when the environment turns the checks of Node off', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    expect(await tlsFailure({})).toMatchObject({ code: 'E_TLS' });
    vi.unstubAllEnvs();
  });

  it('refuses a certificate for another name [N13]', async () => {
    const tls = { ca: testOnly.cert, servername: 'example.com' };
    expect(await tlsFailure({ tls })).toMatchObject({
      code: 'E_TLS',
      cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    });
  });

  it('is not found at a server without it', async () => {
    const [port, server] = await rawServer(() => {});
    server.on('connection', (socket) => socket.end('no TLS here'));
    await expect(dialWebSocket(`wss://127.0.0.1:${port}`)(patient)).rejects.toMatchObject({ code: 'E_TLS' });
    server.close();
  });

  it('makes a link that knows it is secure', async () => {
    const listener = await listenWebSocket({ port: 0, tls: testOnly })((link) => {
      expect(link).toMatchObject({ secure: true, local: true, remoteAddress: '127.0.0.1' });
      link.terminate();
    });
    const link = await dialWebSocket(listener.url, { tls: { ca: [testOnly.cert] } })(patient);
    expect(link).toMatchObject({
      secure: true,
      local: true,
      remoteAddress: '127.0.0.1',
      maxFrameBytes: 65_536,
    });
    link.terminate();
    await listener.close();
  });
});
