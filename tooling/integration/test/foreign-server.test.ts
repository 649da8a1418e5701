import { type Client, connect } from '@sealwire/client';
import type { Layout } from '@sealwire/scenarios';
import { dialWebSocket } from '@sealwire/transport-ws';
import { afterEach, describe, expect, it } from 'vitest';
import { type ForeignMessage, type ForeignPeer, ForeignServer } from './foreign/server.js';
import { aliceKey, foreign, serverPublicKey } from './keys.js';

let server: ForeignServer | undefined;
let client: Client | undefined;

afterEach(async () => {
  await client?.close();
  server?.close();
});

function start(
  layout: Layout,
  onMessage: (peer: ForeignPeer, message: ForeignMessage) => void,
): ForeignPeer[] {
  const peers: ForeignPeer[] = [];
  server = new ForeignServer({
    layout,
    serverKey: foreign.serverPrivate,
    clientKey: foreign.alicePublic,
    onPeer: (peer) => peers.push(peer),
    onMessage,
  });
  return peers;
}

async function dial(layout: Layout): Promise<Client> {
  client = await connect({
    dial: dialWebSocket((await server?.url()) ?? ''),
    clientId: 'alice',
    clientKey: aliceKey,
    serverKey: serverPublicKey,
    layout,
    hardening: 'prefer',
    reconnect: { first: 20, max: 100 },
  });
  return client;
}

describe.each(['documented', 'deployed'] as const)('a server of the %s layout', (layout) => {
  it('gets signed messages and requests, and its answers arrive', async () => {
    start(layout, (peer, message) => {
      if (message.type === 2) peer.sendAnswer(message.number, `{"got":${message.json}}`);
    });
    const session = await dial(layout);
    expect(session.state).toMatchObject({ kind: 'live', hardening: 'not-offered' });
    const sent = [await session.send({ n: 0 }), await session.send({ n: 1 })];
    expect(sent.map(({ sequence }) => sequence)).toEqual([0n, 1n]);
    expect(await session.call({ ask: true })).toEqual({ got: { ask: true } });
    expect(server?.accepted.map(({ json }) => json)).toEqual(['{"n":0}', '{"n":1}']);
  });

  it('is read on from the last ORDER after a cut, and sent again what it has not got', async () => {
    let dropped = false;
    const peers = start(layout, (peer, { number }) => {
      // The first time message 1 comes, the link is cut before it counts.
      if (number !== 1n || dropped) return;
      dropped = true;
      if (server !== undefined) server.lastSequence = 0n;
      server?.accepted.pop();
      peer.cut();
    });
    const session = await dial(layout);
    const received: [bigint, unknown][] = [];
    session.onMessage(({ order, payload }) => {
      received.push([order, payload]);
    });
    peers[0]?.sendMessage(5n, 1516787513.5, '"a"');
    peers[0]?.sendMessage(9n, 1516787513.5, '"b"');
    await expect.poll(() => received.length).toBe(2);
    await session.send('zero');
    await session.send('one');
    await session.send('two');
    await expect.poll(() => server?.accepted.map(({ json }) => json)).toEqual(['"zero"', '"one"', '"two"']);
    expect(peers).toHaveLength(2);
    expect(peers[1]?.lastSeenOrder).toBe(9n);
    // A server that repeats itself is not believed.
    peers[1]?.sendMessage(9n, 1516787513.5, '"b"');
    peers[1]?.sendMessage(10n, 1516787513.5, '"c"');
    await expect
      .poll(() => received)
      .toEqual([
        [5n, 'a'],
        [9n, 'b'],
        [10n, 'c'],
      ]);
  });

  it('tells with ERROR which message it refuses', async () => {
    start(layout, (peer, { number }) => {
      if (number !== 1n) return;
      peer.sendError('no such pair');
      peer.close(1007);
    });
    const session = await dial(layout);
    const first = await session.send('good');
    const second = await session.send('bad');
    await session.flush();
    expect(await first.outcome).toEqual({ kind: 'consumed' });
    expect(await second.outcome).toMatchObject({ kind: 'refused', reason: 'no such pair' });
  });
});
