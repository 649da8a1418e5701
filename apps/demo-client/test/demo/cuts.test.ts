import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { FaultProxy } from '@sealwire/test-support';
import { afterEach, describe, expect, it } from 'vitest';
import { type Cut, Cutter } from '../../src/demo/cuts.js';

const open: { server: Server; proxy: FaultProxy }[] = [];

afterEach(async () => {
  for (const { server, proxy } of open.splice(0)) {
    await proxy.close();
    server.close();
  }
});

/** A server that does what `serve` says, behind a proxy that cuts. */
async function behindProxy(serve: (socket: Socket) => void, latency = 5) {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await FaultProxy.open({ port: (server.address() as AddressInfo).port }, { latency });
  const cuts: Cut[] = [];
  open.push({ server, proxy });
  return {
    cutter: new Cutter(proxy, (cut) => cuts.push(cut)),
    cuts,
    dial: () => connect(proxy.port, '127.0.0.1').on('error', () => {}),
  };
}

async function allOf(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  // Not `once` of node:events, which takes the error of a reset for its own.
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return text;
}

describe('a planned cut', () => {
  it('comes as soon as bytes are on their way in both directions, and throws them away', async () => {
    // So long that both are on their way together, however busy the machine is.
    const { cutter, cuts, dial } = await behindProxy((socket) => socket.write('0123456789'), 60_000);
    const planned = { kind: 'traffic', reset: false, least: 1, share: 0.5 } as const;
    cutter.arm(planned);
    const socket = dial();
    socket.write('abcd');
    expect(await allOf(socket)).toBe('01234');
    expect(cuts).toEqual([{ planned, thrownAway: { toServer: 2, toClient: 5 } }]);
  });

  it('comes after so many bytes of one direction of the next connection', async () => {
    const { cutter, cuts, dial } = await behindProxy((socket) => {
      socket.once('data', () => socket.write('answer'));
    });
    const planned = { kind: 'handshake', reset: false, way: 'toClient', bytes: 4 } as const;
    cutter.arm(planned);
    const socket = dial();
    socket.write('question');
    expect(await allOf(socket)).toBe('answ');
    expect(cuts).toEqual([{ planned, thrownAway: { toServer: 0, toClient: 2 } }]);
  });

  it('waits for the one before it, and leaves the rest alone', async () => {
    const { cutter, cuts, dial } = await behindProxy((socket) => socket.pipe(socket));
    for (const bytes of [3, 5]) cutter.arm({ kind: 'handshake', reset: true, way: 'toServer', bytes });
    for (const bytes of [3, 5]) {
      const socket = dial();
      socket.write('abcdefgh');
      await allOf(socket);
      expect(cuts.at(-1)).toMatchObject({ planned: { bytes }, thrownAway: { toServer: 8 - bytes } });
    }
    const socket = dial();
    socket.write('whole');
    const [chunk] = await once(socket, 'data');
    expect(String(chunk)).toBe('whole');
    expect(cuts).toHaveLength(2);
  });
});
