import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Cut, CuttingProxy } from '../../src/demo/cutting-proxy.js';

const open: (CuttingProxy | Server | Socket)[] = [];

afterEach(() => {
  for (const one of open.splice(0)) 'destroy' in one ? one.destroy() : one.close();
});

/** A server that does what `serve` says, behind a proxy. */
async function behindProxy(serve: (socket: Socket) => void, latency = 5) {
  const server = createServer((socket) => {
    open.push(socket);
    socket.on('error', () => {});
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cuts: Cut[] = [];
  const target = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  const proxy = await CuttingProxy.open(target, latency, (cut) => cuts.push(cut));
  open.push(server, proxy);
  const dial = async () => {
    const socket = connect(proxy.port, '127.0.0.1');
    open.push(socket);
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
  };
  return { proxy, cuts, dial };
}

async function allOf(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await closed(socket);
  return text;
}

/** Not `once` of node:events, which takes the error of a reset for its own. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

describe('the proxy', () => {
  it('hands every byte on, in order, until one side ends', async () => {
    const { dial } = await behindProxy((socket) => socket.pipe(socket));
    const socket = await dial();
    const sent = 'x'.repeat(300_000) + 'y'.repeat(300_000);
    let received = '';
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString();
      if (received.length === sent.length) socket.end();
    });
    socket.write(sent);
    await once(socket, 'close');
    expect(received).toBe(sent);
  });

  it('cuts as soon as bytes are on their way in both directions, and throws them away', async () => {
    // So long that both are on their way together, however busy the machine is.
    const { proxy, cuts, dial } = await behindProxy((socket) => socket.write('0123456789'), 1_000);
    proxy.arm({ kind: 'traffic', reset: false, least: 1, share: 0.5 });
    const socket = await dial();
    socket.write('abcd');
    expect(await allOf(socket)).toBe('01234');
    expect(cuts).toEqual([
      {
        trigger: { kind: 'traffic', reset: false, least: 1, share: 0.5 },
        thrownAway: { 'to server': 2, 'to client': 5 },
      },
    ]);
    expect(proxy.pending).toBe(0);
  });

  it('cuts the next connection after so many bytes of one direction', async () => {
    const { proxy, cuts, dial } = await behindProxy((socket) => {
      socket.once('data', () => socket.write('answer'));
    });
    const trigger = { kind: 'handshake', reset: false, direction: 'to client', bytes: 4 } as const;
    proxy.arm(trigger);
    const socket = await dial();
    socket.write('question');
    expect(await allOf(socket)).toBe('answ');
    expect(cuts).toEqual([{ trigger, thrownAway: { 'to server': 0, 'to client': 2 } }]);
  });

  it('keeps the order of what it was told to cut, and leaves the rest alone', async () => {
    const { proxy, cuts, dial } = await behindProxy((socket) => socket.pipe(socket));
    proxy.arm({ kind: 'handshake', reset: true, direction: 'to server', bytes: 3 });
    proxy.arm({ kind: 'handshake', reset: true, direction: 'to server', bytes: 5 });
    for (const bytes of [3, 5]) {
      const socket = await dial();
      socket.write('abcdefgh');
      await closed(socket);
      expect(cuts.at(-1)).toMatchObject({ trigger: { bytes }, thrownAway: { 'to server': 8 - bytes } });
    }
    const socket = await dial();
    socket.write('whole');
    const [chunk] = await once(socket, 'data');
    expect(String(chunk)).toBe('whole');
    expect(cuts).toHaveLength(2);
  });
});
