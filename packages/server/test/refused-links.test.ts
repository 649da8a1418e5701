import { crypto } from '@sealwire/crypto';
import type { Link, LinkEvents } from '@sealwire/transport';
import { expect, it } from 'vitest';
import { serve } from '../src/index.js';

it.each([
  ['a frame that is no hello', (events: LinkEvents) => events.frames([new Uint8Array(0)])],
  ['a text message', (events: LinkEvents) => events.text()],
])('reads nothing more behind %s', async (_, offend) => {
  const told: string[] = [];
  const owners: LinkEvents[] = [];
  const closed = new Promise<number>((resolve) => {
    const link: Link = {
      secure: true,
      local: true,
      remoteAddress: undefined,
      maxFrameBytes: 65_536,
      bufferedBytes: 0,
      pausing: { pause: () => told.push('pause'), resume: () => told.push('resume') },
      start: (events) => owners.push(events),
      send: () => told.push('send'),
      close: (code) => resolve(code),
      terminate: () => {},
    };
    void crypto.generateKeyPair().then(({ privateKey }) =>
      serve({
        listen: async (accept) => {
          accept(link);
          return { url: 'memory:', close: async () => {} };
        },
        serverKey: privateKey,
        clients: new Map(),
      }),
    );
  });
  await expect.poll(() => owners.length, { timeout: 10_000 }).toBe(1);
  for (const events of owners) offend(events);
  expect(told).toEqual(['pause']);
  expect(await closed).toBe(1008);
});
