import type * as net from 'node:net';
import { expect, it, vi } from 'vitest';
import { dialWebSocket } from '../src/index.js';
import { rawServer } from './raw.js';

// What a socket shows whose peer resets it before the own side looks; a race decides when that happens by itself.
vi.mock('node:net', async (load) => {
  const original = await load<typeof net>();
  return {
    ...original,
    connect: (options: net.TcpNetConnectOpts) =>
      Object.defineProperty(original.connect(options), 'remoteAddress', { value: undefined }),
  };
});

it('a connection that was reset before its address could be read is a failed dial, not an insecure one [N1]', async () => {
  const requests: string[] = [];
  const [port, server] = await rawServer((_peer, head) => requests.push(head));
  const dial = dialWebSocket(`ws://127.0.0.1:${port}`);
  await expect(dial({ signal: new AbortController().signal })).rejects.toMatchObject({
    code: 'E_DIAL_FAILED',
  });
  expect(requests).toEqual([]);
  server.close();
});
