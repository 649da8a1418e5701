import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { FaultLink } from '../src/index.js';
import { behindProxy, closeAll, echo, endOf, received } from './tcp.js';

afterEach(closeAll);

const patient = { timeout: 10_000 };
const greet = (socket: Socket) => void socket.write('0123456789');

describe('a link', () => {
  it.each([{}, { latency: 3 }, { maxHeld: 1_000, latency: 1 }, { chunk: 7_777 }])(
    'hands every byte on, in order, and counts it (%o)',
    async (options) => {
      const { proxy, dial } = await behindProxy(echo, options);
      const socket = dial();
      const sent = 'x'.repeat(300_000) + 'y'.repeat(300_000);
      const answer = received(socket, sent.length);
      socket.write(sent);
      expect(await answer).toBe(sent);
      expect(proxy.delivered('toServer')).toBe(sent.length);
      socket.end();
      await endOf(socket);
      await expect.poll(() => proxy.links, patient).toEqual([]);
      expect(proxy.delivered('toClient')).toBe(sent.length);
      expect(proxy.cuts).toBe(0);
    },
  );

  it('holds bytes for its latency, each way for its own', async () => {
    const { dial } = await behindProxy(echo, { latency: { toServer: 60, toClient: 90 } });
    const socket = dial();
    const startedAt = performance.now();
    socket.write('x');
    await received(socket, 1);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(149);
  });

  it('hands over a byte at a time', async () => {
    const pieces: number[] = [];
    const { dial } = await behindProxy((socket) => socket.on('data', ({ length }) => pieces.push(length)), {
      chunk: 1,
    });
    const socket = dial();
    socket.end('a'.repeat(300));
    await expect.poll(() => pieces.reduce((sum, length) => sum + length, 0), patient).toBe(300);
    // The receiver's system may put a few together before it is asked.
    expect(pieces.length).toBeGreaterThan(30);
  });

  it('hands a FIN on and leaves the other way open', async () => {
    const { dial } = await behindProxy((socket) => {
      socket.once('end', () => socket.end('after your end'));
      socket.resume();
    });
    const socket = dial();
    const ended = endOf(socket);
    socket.end('all');
    expect(await ended).toEqual({ text: 'after your end', code: undefined });
  });

  it('closes half: the rest of that way is thrown away, the other way goes on', async () => {
    let heard = '';
    const ends: string[] = [];
    const { proxy, dial } = await behindProxy((socket) => {
      socket.on('data', (chunk: Buffer) => {
        heard += chunk.toString();
        socket.write('again');
      });
      socket.once('end', () => {
        ends.push(heard);
        socket.write('still here');
      });
    });
    const socket = dial();
    socket.write('first');
    expect(await received(socket, 5)).toBe('again');
    proxy.links[0]?.halfClose('toServer');
    expect(await received(socket, 10)).toBe('still here');
    socket.write('lost');
    expect(ends).toEqual(['first']);
    expect(proxy.links).toHaveLength(1);
  });
});

describe('a cut', () => {
  it.each(['reset', 'end'] as const)('comes after exactly so many bytes of one way (%s)', async (kind) => {
    for (const bytes of [1, 4, 9]) {
      const { proxy, dial } = await behindProxy(greet, {
        onLink: (link) => link.cutAfter(bytes, 'toClient', kind),
      });
      const socket = dial();
      expect((await endOf(socket)).text).toBe('0123456789'.slice(0, bytes));
      expect(proxy.cuts).toBe(1);
    }
  });

  it.each([
    ['reset', 'ECONNRESET'],
    ['end', undefined],
  ] as const)('is seen by the peer as what it is (%s)', async (kind, code) => {
    const { proxy, dial } = await behindProxy(greet);
    const socket = dial();
    await received(socket, 10);
    const ended = endOf(socket);
    proxy.cut(kind);
    expect(await ended).toEqual({ text: '', code });
  });

  it('is possible while a FIN is on its way', async () => {
    const { proxy, dial } = await behindProxy(greet);
    const socket = dial();
    await received(socket, 10);
    const ended = endOf(socket);
    proxy.links[0]?.halfClose('toClient');
    proxy.cut('reset');
    expect((await ended).text).toBe('');
    await expect.poll(() => proxy.links, patient).toEqual([]);
  });

  it('counts both ways together where it is told to', async () => {
    const { proxy, dial } = await behindProxy(echo, { onLink: (link) => link.cutAfter(9, 'both', 'end') });
    const socket = dial();
    socket.write('abcdef');
    expect((await endOf(socket)).text).toBe('abc');
    expect(proxy.delivered('toServer') + proxy.delivered('toClient')).toBe(9);
  });

  it('throws away what is on its way, on demand', async () => {
    const { proxy, dial } = await behindProxy(greet, { latency: 60_000 });
    const socket = dial();
    const ended = endOf(socket);
    await expect.poll(() => proxy.links[0]?.held('toClient'), patient).toBe(10);
    proxy.cut('end');
    expect((await ended).text).toBe('');
    expect(proxy.cuts).toBe(1);
  });

  it('comes when a trigger says so; triggers take turns', async () => {
    const { proxy, dial } = await behindProxy(greet, { latency: 60_000 });
    const cutAt = (held: number, release: number) => (link: FaultLink) => {
      if (link.held('toServer') < held || link.held('toClient') < 10) return false;
      link.release('toClient', release);
      link.cut('end');
      return true;
    };
    proxy.arm(cutAt(4, 5));
    proxy.arm(cutAt(1, 2));
    const first = dial();
    first.write('abcd');
    expect((await endOf(first)).text).toBe('01234');
    expect(proxy.pending).toBe(1);
    const second = dial();
    second.write('a');
    expect((await endOf(second)).text).toBe('01');
    expect(proxy.pending).toBe(0);
  });
});

describe('a stall', () => {
  it('reads nothing, so that the sender is pushed back, and heals without a loss', async () => {
    const { proxy, dial } = await behindProxy(echo, { maxHeld: 10_000 });
    const socket = dial();
    socket.write('x');
    await received(socket, 1);
    proxy.stall();
    const sent = 'y'.repeat(20_000_000);
    const answer = received(socket, sent.length);
    socket.write(sent);
    // What the systems on the way take; the rest stays with the sender.
    await expect.poll(() => socket.writableLength > 0 && proxy.links[0]?.held('toServer'), patient).toBe(0);
    expect(proxy.delivered('toServer')).toBe(1);
    proxy.heal();
    expect((await answer) === sent).toBe(true);
  });

  it('holds one way and lets the other go on', async () => {
    let heard = '';
    const { proxy, dial } = await behindProxy((socket) => {
      socket.on('data', (chunk: Buffer) => {
        heard += chunk.toString();
        socket.write('answer');
      });
    });
    const socket = dial();
    await expect.poll(() => proxy.links.length, patient).toBe(1);
    proxy.stall('toClient');
    socket.write('question');
    await expect.poll(() => heard, patient).toBe('question');
    expect(proxy.delivered('toClient')).toBe(0);
    proxy.heal('toClient');
    expect(await received(socket, 6)).toBe('answer');
  });

  it('holds an end as well, as a dead path does', async () => {
    const { proxy, dial } = await behindProxy((socket) => socket.end('bye'), {
      onLink: (link) => link.stall(),
    });
    const socket = dial();
    let ended = false;
    const end = endOf(socket).then((result) => {
      ended = true;
      return result;
    });
    await sleep(100);
    expect(ended).toBe(false);
    proxy.heal();
    expect((await end).text).toBe('bye');
  });

  it('bounds what a slow reader leaves with the proxy', async () => {
    const { proxy, dial } = await behindProxy((socket) => void socket.write('z'.repeat(100_000_000)), {
      maxHeld: 50_000,
    });
    const socket = dial();
    socket.pause();
    await expect.poll(() => proxy.links[0]?.held('toClient') ?? 0, patient).toBeGreaterThanOrEqual(50_000);
    await sleep(100);
    // One read of the system may come on top.
    expect(proxy.links[0]?.held('toClient')).toBeLessThan(50_000 + 65_537);
  });
});

describe('a new connection', () => {
  it('is refused, swallowed or forwarded, as it is said at the moment', async () => {
    const { proxy, dial } = await behindProxy(greet);
    proxy.admission = 'refuse';
    expect((await endOf(dial())).code).toBe('ECONNRESET');
    proxy.admission = 'swallow';
    const swallowed = dial();
    await expect.poll(() => proxy.swallowed, patient).toBe(1);
    const nothing = received(swallowed, 1).then(() => 'something');
    proxy.admission = 'forward';
    expect(await received(dial(), 10)).toBe('0123456789');
    expect(await Promise.race([nothing, sleep(50, 'nothing')])).toBe('nothing');
    expect(proxy.opened).toBe(1);
  });

  it('goes to the target of the moment, and is ended if nobody is there', async () => {
    const one = await behindProxy((socket) => void socket.write('one'));
    const two = await behindProxy((socket) => void socket.write('two'));
    const { port } = two.proxy;
    one.proxy.target = { port };
    const socket = one.dial();
    expect(await received(socket, 3)).toBe('two');
    socket.destroy();
    await two.proxy.close();
    expect((await endOf(one.dial())).text).toBe('');
    await expect.poll(() => one.proxy.links, patient).toEqual([]);
  });

  it('is reset beyond the bound of links', async () => {
    const { dial } = await behindProxy(greet, { maxLinks: 1 });
    const first = dial();
    await received(first, 10);
    expect((await endOf(dial())).code).toBe('ECONNRESET');
  });
});

it('closes with links open', async () => {
  const { proxy, dial } = await behindProxy(echo);
  const ended = endOf(dial());
  await expect.poll(() => proxy.links.length, patient).toBe(1);
  await proxy.close();
  await ended;
  expect(proxy.links).toEqual([]);
});
