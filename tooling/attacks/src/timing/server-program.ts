import { serve } from '@sealwire/server';
import { listenWebSocket } from '@sealwire/transport-ws';
import { publicKeys, serverKey } from '../keys.js';
import { laneId, maxLanes } from './lanes.js';

process.once('disconnect', () => process.exit());

const server = await serve({
  listen: listenWebSocket({ port: 0 }),
  serverKey,
  clients: new Map(
    ['alice', ...Array.from({ length: maxLanes }, (_, lane) => laneId(lane))].map((id) => [
      id,
      { publicKey: publicKeys.alice },
    ]),
  ),
  allowKeySharing: true,
  // Failures are what is measured.
  failedHandshakes: false,
  limits: { maxHandshakesPerAddress: 1_000 },
});
process.stdout.write(`${new URL(server.urls[0] ?? '').port}\n`);
