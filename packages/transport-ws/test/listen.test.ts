import { once } from 'node:events';
import { createServer } from 'node:http';
import { Server, type Socket } from 'node:net';
import type { Link } from '@sealwire/transport';
import { describe, expect, it, vi } from 'vitest';
import { dialWebSocket, type ListenOptions, listenWebSocket } from '../src/index.js';
import { testOnly } from './certificate.js';
import { rawConnect, request, UPGRADE } from './raw.js';

const patient = { signal: new AbortController().signal };

/** The first line and the headers of the answer to a request, and the links that came of it. */
async function ask(options: Partial<ListenOptions>, lines: readonly string[], whole = true) {
  const links: Link[] = [];
  const listener = await listenWebSocket({ port: 0, ...options })((link) => links.push(link));
  const peer = await rawConnect(listener);
  await peer.write(request(lines));
  const answer = whole ? await peer.rest() : await peer.until((received) => received.includes('\r\n\r\n'));
  peer.socket.destroy();
  for (const link of links) link.terminate();
  await listener.close();
  return { answer: answer.toString('latin1'), links };
}

function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

describe('an own server', () => {
  it('answers a plain request with 426', async () => {
    const { answer } = await ask({}, ['GET / HTTP/1.1', 'Host: test']);
    expect(answer).toMatch(/^HTTP\/1\.1 426 .*\r\nUpgrade: websocket\r\n/);
  });

  it('answers an upgrade of another path with 404', async () => {
    const { answer, links } = await ask({ path: '/feed' }, UPGRADE);
    expect(answer).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
    expect(links).toEqual([]);
  });

  it('takes an upgrade whatever the query', async () => {
    const { links } = await ask({ path: '/feed' }, ['GET /feed?x=1 HTTP/1.1', ...UPGRADE.slice(1)], false);
    expect(links.length).toBe(1);
  });

  it('refuses a page of another origin, and takes the right one and a program without one', async () => {
    const options = { allowedOrigins: ['https://example.com'] };
    const foreign = await ask(options, [...UPGRADE, 'Origin: https://evil.example']);
    expect(foreign.answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(foreign.links).toEqual([]);
    expect((await ask(options, [...UPGRADE, 'Origin: https://example.com'], false)).links.length).toBe(1);
    expect((await ask(options, UPGRADE, false)).links.length).toBe(1);
  });

  it('never agrees to compression [F9]', async () => {
    const { answer } = await ask({}, [...UPGRADE, 'Sec-WebSocket-Extensions: permessage-deflate'], false);
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
    expect(answer).not.toMatch(/extensions/i);
  });

  it('answers one link too many with 503 and when to come again, and takes one when another is gone [O7]', async () => {
    const links: Link[] = [];
    const listener = await listenWebSocket({ port: 0, maxConnections: 1 })((link) => links.push(link));
    const dial = dialWebSocket(listener.url);
    const first = await dial(patient);
    await expect(dial(patient)).rejects.toMatchObject({
      code: 'E_HTTP_STATUS',
      status: 503,
      retryAfter: 1_000,
    });
    const gone = new Promise<void>((resolve) => {
      links[0]?.start({ frames() {}, text() {}, drain() {}, pong() {}, close: () => resolve() });
    });
    first.terminate();
    await gone;
    const second = await dial(patient);
    expect(links.length).toBe(2);
    for (const link of [second, ...links]) link.terminate();
    await listener.close();
  });

  it('answers one link too many of one address with 429, and those of others go on [M2, O7]', async () => {
    const links: Link[] = [];
    const full: unknown[][] = [];
    const listener = await listenWebSocket({
      port: 0,
      behindTlsProxy: true,
      maxConnectionsPerAddress: 2,
      onFull: (...told) => full.push(told),
    })((link) => links.push(link));
    const dial = (address: string) =>
      dialWebSocket(listener.url, { headers: { 'X-Forwarded-For': address } })(patient);
    const crowd = [await dial('2001:db8::1'), await dial('2001:db8::2')];
    await expect(dial('2001:db8::3')).rejects.toMatchObject({
      code: 'E_HTTP_STATUS',
      status: 429,
      retryAfter: 1_000,
    });
    expect(full).toEqual([['maxConnectionsPerAddress', '2001:db8::3']]);
    crowd.push(await dial('2001:db8:0:1::1'));
    for (let n = 0; n < 4; n++) crowd.push(await dial('127.0.0.1'));
    const gone = new Promise<void>((resolve) => {
      links[0]?.start({ frames() {}, text() {}, drain() {}, pong() {}, close: () => resolve() });
    });
    crowd[0]?.terminate();
    await gone;
    crowd.push(await dial('2001:db8::3'));
    for (const link of [...crowd, ...links]) link.terminate();
    await listener.close();
  });

  it('takes a crowd in over several turns of the event loop, so that others have theirs [O1]', async () => {
    let turns = 0;
    let counting = setImmediate(function count() {
      turns += 1;
      counting = setImmediate(count);
    });
    const taken: number[] = [];
    const links: Link[] = [];
    const listener = await listenWebSocket({ port: 0 })((link) => {
      taken.push(turns);
      links.push(link);
      block(10);
    });
    const peers = await Promise.all(Array.from({ length: 8 }, () => rawConnect(listener)));
    // A turn accepts one connection.
    for (let n = 0; n < 20; n++) await new Promise((resolve) => setImmediate(resolve));
    await Promise.all(peers.map((peer) => peer.write(request(UPGRADE))));
    // All requests are there when the server looks.
    block(100);
    await Promise.all(peers.map((peer) => peer.until((received) => received.includes('\r\n\r\n'))));
    clearImmediate(counting);
    expect(new Set(taken).size).toBe(8);
    for (const { socket } of peers) socket.destroy();
    for (const link of links) link.terminate();
    await listener.close();
  });

  it('accepts nothing more once it is closed, and forgets who left before his turn', async () => {
    const links: Link[] = [];
    const listener = await listenWebSocket({ port: 0 })((link) => {
      links.push(link);
      closing ??= listener.close();
    });
    let closing: Promise<void> | undefined;
    const peers = await Promise.all(Array.from({ length: 3 }, () => rawConnect(listener)));
    for (let n = 0; n < 5; n++) await new Promise((resolve) => setImmediate(resolve));
    await Promise.all(peers.map((peer) => peer.write(request(UPGRADE))));
    peers[1]?.socket.resetAndDestroy();
    block(50);
    expect((await peers[2]?.rest())?.toString('latin1')).toMatch(/^HTTP\/1\.1 503 /);
    await closing;
    expect(links.length).toBe(1);
    for (const link of links) link.terminate();
    for (const { socket } of peers) socket.destroy();
  });

  it('cuts a connection that sends no request [M1]', async () => {
    const listener = await listenWebSocket({ port: 0, upgradeTimeout: 50 })(() => {});
    const peer = await rawConnect(listener);
    expect((await peer.rest()).toString()).toMatch(/^HTTP\/1\.1 408 /);
    await listener.close();
  });

  it('cuts a connection that trickles its request [M1]', async () => {
    const listener = await listenWebSocket({ port: 0, upgradeTimeout: 50 })(() => {});
    const peer = await rawConnect(listener);
    await peer.write('GET / HTTP/1.1\r\nHost:');
    expect((await peer.rest()).toString()).toMatch(/^HTTP\/1\.1 408 /);
    await listener.close();
  });

  it('cuts a connection that does not begin TLS [M1]', async () => {
    const listener = await listenWebSocket({ port: 0, upgradeTimeout: 50, tls: testOnly })(() => {});
    const peer = await rawConnect(listener);
    expect((await peer.rest()).length).toBe(0);
    await listener.close();
  });

  it('cuts what is not a link yet when it closes', async () => {
    const listener = await listenWebSocket({ port: 0 })(() => {});
    const peer = await rawConnect(listener);
    await peer.write('GET / HTTP/1.1\r\n');
    await listener.close();
    await peer.rest();
  });

  it('says what to do when the port is in use', async () => {
    const listener = await listenWebSocket({ port: 0 })(() => {});
    const port = Number(new URL(listener.url).port);
    await expect(listenWebSocket({ port })(() => {})).rejects.toMatchObject({
      code: 'E_PORT_IN_USE',
      message: expect.stringContaining(`port ${port} of 127.0.0.1 is in use: stop the program`),
    });
    await listener.close();
  });

  it('says so when it cannot listen for another reason', async () => {
    const listen = listenWebSocket({ port: 0, host: '192.0.2.1', allowPlaintext: true });
    await expect(listen(() => {})).rejects.toMatchObject({ code: 'E_LISTEN' });
  });

  it('goes on listening after an accept that failed [O7]', async () => {
    const listening = vi.spyOn(Server.prototype, 'listen');
    const errors: Error[] = [];
    const links: Link[] = [];
    const listen = listenWebSocket({ port: 0, onError: (error) => errors.push(error) });
    const listener = await listen((link) => links.push(link));
    const full = new Error('accept EMFILE');
    const server = listening.mock.contexts.at(-1);
    if (server instanceof Server) server.emit('error', full);
    listening.mockRestore();
    (await dialWebSocket(listener.url)(patient)).terminate();
    expect(errors).toEqual([full]);
    for (const link of links) link.terminate();
    await listener.close();
  });

  it('chooses the first of its subprotocols that the client offers', async () => {
    const offer = [...UPGRADE, 'Sec-WebSocket-Protocol: b, a'];
    const { answer } = await ask({ protocols: ['a', 'b'] }, offer, false);
    expect(answer).toMatch(/\r\nSec-WebSocket-Protocol: a\r\n/);
  });

  it('believes a TLS proxy about the last address, and only if it was told of one', async () => {
    const lines = [...UPGRADE, 'X-Forwarded-For: 203.0.113.9, 198.51.100.7'];
    const behind = await ask({ behindTlsProxy: true }, lines, false);
    expect(behind.links[0]).toMatchObject({ remoteAddress: '198.51.100.7', secure: true, local: false });
    const plain = await ask({}, lines, false);
    expect(plain.links[0]).toMatchObject({ remoteAddress: '127.0.0.1', secure: false, local: true });
    const nonsense = await ask({ behindTlsProxy: true }, [...UPGRADE, 'X-Forwarded-For: somebody'], false);
    expect(nonsense.links[0]).toMatchObject({ remoteAddress: '127.0.0.1' });
  });
});

describe('an attached listener', () => {
  it('leaves requests and other upgrades to the application, also after its close', async () => {
    const server = createServer((_request, response) => response.end('the application'));
    const upgrades: (string | undefined)[] = [];
    server.on('upgrade', ({ url }, socket: Socket) => {
      upgrades.push(url);
      if (url !== '/ours') socket.destroy();
    });
    const listening = listenWebSocket({ server, path: '/ours' })((link) => link.terminate());
    server.listen(0, '127.0.0.1');
    const listener = await listening;
    const other = listener.url.replace('/ours', '/theirs');
    await (await dialWebSocket(listener.url)(patient)).terminate();
    await expect(dialWebSocket(other)(patient)).rejects.toMatchObject({ code: 'E_DIAL_FAILED' });
    expect(await (await fetch(listener.url.replace('ws:', 'http:'))).text()).toBe('the application');
    expect(upgrades).toEqual(['/ours', '/theirs']);
    await listener.close();
    expect(server.listenerCount('upgrade')).toBe(1);
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
});

describe('options of a listener', () => {
  const refused: [string, string, ListenOptions][] = [
    ['neither port nor server', 'E_OPTION', {}],
    ['a server and a port', 'E_OPTION', { server: createServer(), port: 1 }],
    ['a server and tls', 'E_OPTION', { server: createServer(), tls: testOnly }],
    ['a name that is no option', 'E_OPTION', { port: 0, allowedOrigin: [] } as never],
    ['a name in tls that is no option', 'E_OPTION', { port: 0, tls: { ...testOnly, ca: 'x' } } as never],
    ['a port above 65,535', 'E_OPTION', { port: 65_536 }],
    ['a path without slash', 'E_OPTION', { port: 0, path: 'feed' }],
    ['a path with a query', 'E_OPTION', { port: 0, path: '/feed?x' }],
    ['a payload above 16 MiB', 'E_OPTION', { port: 0, maxPayload: 16_777_217 }],
    ['a close timeout of 0', 'E_OPTION', { port: 0, closeTimeout: 0 }],
    ['an upgrade timeout of half a millisecond', 'E_OPTION', { port: 0, upgradeTimeout: 0.5 }],
    ['no connection of an address at all', 'E_OPTION', { port: 0, maxConnectionsPerAddress: 0 }],
    ['no connection before its upgrade', 'E_OPTION', { port: 0, maxPendingUpgrades: 0 }],
    ['no connection at all', 'E_OPTION', { port: 0, maxConnections: 0 }],
    ['no options', 'E_OPTION', undefined as never],
    ['a server that is none', 'E_OPTION', { server: {} as never }],
    ['a path that is no text', 'E_OPTION', { port: 0, path: 5n as never }],
    ['a port that is a symbol', 'E_OPTION', { port: Symbol('port') as never }],
    ['a timeout that is an object', 'E_OPTION', { port: 0, upgradeTimeout: Object.create(null) }],
    ['a host that is no text', 'E_OPTION', { port: 0, host: Symbol('host') as never }],
    ['origins that are no list', 'E_OPTION', { port: 0, allowedOrigins: 5 as never }],
    ['protocols that are no texts', 'E_OPTION', { port: 0, protocols: [null] as never }],
    ['a certificate that is not PEM', 'E_OPTION', { port: 0, tls: { ...testOnly, cert: 'chain.pem' } }],
    ['a key that is not PEM', 'E_OPTION', { port: 0, tls: { ...testOnly, key: 'key.pem' } }],
    ['TLS both here and in a proxy', 'E_OPTION', { port: 0, tls: testOnly, behindTlsProxy: true }],
    ['all interfaces without TLS', 'E_INSECURE', { port: 0, host: '0.0.0.0' }],
    ['all IPv6 interfaces without TLS', 'E_INSECURE', { port: 0, host: '::' }],
  ];
  for (const [what, code, options] of refused) {
    it(`refuse ${what}`, () => {
      expect(() => listenWebSocket(options)).toThrowError(expect.objectContaining({ code }));
    });
  }

  it('allow all interfaces with TLS, behind a proxy, or when told', () => {
    const host = '0.0.0.0';
    for (const options of [{ tls: testOnly }, { behindTlsProxy: true }, { allowPlaintext: true }]) {
      expect(listenWebSocket({ port: 0, host, ...options })).toBeTypeOf('function');
    }
  });
});
