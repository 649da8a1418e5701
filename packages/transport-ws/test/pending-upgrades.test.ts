import { Server } from 'node:net';
import type { Link } from '@sealwire/transport';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { dialWebSocket, type ListenOptions, listenWebSocket } from '../src/index.js';
import { testOnly } from './certificate.js';
import { type RawPeer, rawConnect, request, UPGRADE } from './raw.js';

/** A listener that takes the next connections for those of `from`, and what its `onFull` was told. */
async function listenFrom(options: Partial<ListenOptions>) {
  const listening = vi.spyOn(Server.prototype, 'listen');
  const full: unknown[][] = [];
  const links: Link[] = [];
  const listener = await listenWebSocket({
    port: 0,
    allowPlaintext: true,
    onFull: (...told) => full.push(told),
    ...options,
  })((link) => links.push(link));
  const server = listening.mock.contexts.at(-1);
  listening.mockRestore();
  if (!(server instanceof Server)) expect.unreachable();
  const next = { from: '192.0.2.1' };
  server.prependListener('connection', (socket) => {
    Object.defineProperty(socket, 'remoteAddress', { value: next.from });
  });
  const peers: RawPeer[] = [];
  onTestFinished(async () => {
    for (const { socket } of peers) socket.destroy();
    for (const link of links) link.terminate();
    await listener.close();
  });
  return {
    full,
    listener,
    async connect(from: string) {
      next.from = from;
      const accepted = new Promise((resolve) => server.once('connection', resolve));
      const peer = await rawConnect(listener);
      peers.push(peer);
      await accepted;
      return peer;
    },
  };
}

function stopTime(): void {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
}

async function answerTo(peer: RawPeer): Promise<string> {
  await peer.write(request(UPGRADE));
  return (await peer.until((received) => received.includes('\r\n\r\n'))).toString('latin1');
}

describe('connections that do not upgrade', () => {
  it('of however many networks keep nobody out: the oldest makes room [S19, M1, M2, O7]', async () => {
    const { connect } = await listenFrom({ maxConnections: 2, maxConnectionsPerAddress: 1 });
    const silent: RawPeer[] = [];
    for (let n = 1; n <= 10; n++) silent.push(await connect(`192.0.2.${n}`));
    expect(await answerTo(await connect('198.51.100.1'))).toMatch(/^HTTP\/1\.1 101 /);
    for (const peer of silent.slice(0, 9)) expect((await peer.rest()).length).toBe(0);
    expect(silent[9]?.socket.closed).toBe(false);
  });

  it('of one network make room for each other, and push out no other [M1, O7]', async () => {
    const { connect, full } = await listenFrom({ maxPendingUpgrades: 2, maxConnectionsPerAddress: 1 });
    const other = await connect('2001:db8:0:1::1');
    const [first, second] = [await connect('2001:db8::1'), await connect('2001:db8::2')];
    expect((await first.rest()).length).toBe(0);
    expect(full).toEqual([['maxConnectionsPerAddress', '2001:db8::1']]);
    for (const peer of [second, other]) expect(await answerTo(peer)).toMatch(/^HTTP\/1\.1 101 /);
  });

  it('of few networks push out their own, however fast they come [S19, M1, M2, O7]', async () => {
    stopTime();
    const { connect, full } = await listenFrom({ maxPendingUpgrades: 4 });
    const honest = await connect('198.51.100.1');
    const crowd: RawPeer[] = [];
    for (let n = 0; n < 12; n++) crowd.push(await connect(`192.0.2.${1 + (n % 2)}`));
    expect(full).toEqual([['maxPendingUpgrades', '192.0.2.1']]);
    expect(await answerTo(honest)).toMatch(/^HTTP\/1\.1 101 /);
    for (const peer of crowd.slice(0, 8)) expect((await peer.rest()).length).toBe(0);
  });

  it('of many networks do not crowd out one that has several upgrades under way [S19, M1, M2, O7]', async () => {
    stopTime();
    const { connect } = await listenFrom({ maxPendingUpgrades: 3 });
    const silent: RawPeer[] = [];
    for (let n = 1; n <= 3; n++) silent.push(await connect(`192.0.2.${n}`));
    vi.advanceTimersByTime(1_000);
    const honest = [
      await connect('198.51.100.1'),
      await connect('198.51.100.1'),
      await connect('198.51.100.1'),
    ];
    for (const peer of honest) expect(await answerTo(peer)).toMatch(/^HTTP\/1\.1 101 /);
    for (const peer of silent) expect((await peer.rest()).length).toBe(0);
  });

  it('of loopback and of a proxy are counted only in all', async () => {
    const here = await listenFrom({ maxConnectionsPerAddress: 1 });
    const behind = await listenFrom({ maxConnectionsPerAddress: 1, behindTlsProxy: true });
    for (const [connect, from] of [
      [here.connect, '127.0.0.1'],
      [behind.connect, '192.0.2.1'],
    ] as const) {
      const peers = [await connect(from), await connect(from)];
      for (const peer of peers) expect(await answerTo(peer)).toMatch(/^HTTP\/1\.1 (101|429) /);
    }
  });

  it('are told of at most once a second for each limit', async () => {
    stopTime();
    const { connect, full } = await listenFrom({ maxPendingUpgrades: 1 });
    for (let n = 1; n <= 5; n++) await connect(`192.0.2.${n}`);
    expect(full).toEqual([['maxPendingUpgrades', '192.0.2.1']]);
    vi.advanceTimersByTime(1_000);
    await connect('192.0.2.6');
    expect(full.slice(1)).toEqual([['maxPendingUpgrades', '192.0.2.5']]);
  });

  it.each([
    ['plain', {}],
    ['TLS', { tls: testOnly }],
  ])('make room over %s, and links are none of them [M1, O7]', async (_, options) => {
    const taken: Link[] = [];
    const listener = await listenWebSocket({ port: 0, maxPendingUpgrades: 1, ...options })((link) => {
      taken.push(link);
    });
    const tls = { ca: testOnly.cert };
    const dial = dialWebSocket(listener.url, 'tls' in options ? { tls } : {});
    const links: Link[] = [];
    const ended: Link[] = [];
    for (let n = 0; n < 3; n++) {
      const silent = await rawConnect(listener);
      const link = await dial({ signal: new AbortController().signal });
      links.push(link);
      link.start({ frames() {}, text() {}, drain() {}, pong() {}, close: () => ended.push(link) });
      await silent.rest();
    }
    expect(taken.length).toBe(3);
    expect(ended).toEqual([]);
    for (const link of [...links, ...taken]) link.terminate();
    await listener.close();
  });
});
