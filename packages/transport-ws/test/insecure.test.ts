import { expect, it, vi } from 'vitest';
import { dialWebSocket } from '../src/index.js';
import { rawServer } from './raw.js';

// Loopback is all that a test may use, so what counts as loopback is changed instead.
vi.mock('../src/loopback.js', () => ({ isLoopbackHost: () => true, isLoopbackAddress: () => false }));

it('a dial sends nothing to an address that is not loopback, whatever the name promised', async () => {
  const requests: string[] = [];
  const [port, server] = await rawServer((peer, head) => {
    requests.push(head);
    peer.socket.destroy();
  });
  const dial = dialWebSocket(`ws://127.0.0.1:${port}`);
  const ended = new Promise((resolve) =>
    server.once('connection', (socket) => socket.once('close', resolve)),
  );
  await expect(dial({ signal: new AbortController().signal })).rejects.toMatchObject({ code: 'E_INSECURE' });
  await ended;
  expect(requests).toEqual([]);
  server.close();
});
