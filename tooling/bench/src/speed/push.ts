import type { Benchmark } from '../benchmark.js';
import { alternate } from '../lab/alternate.js';
import { ratio, repeated, thousands } from '../lab/figures.js';
import { paceOf } from '../lab/pace.js';
import { pushThrough, sealwirePair, socketIoPair, wsPair } from '../lab/pushing.js';

export const push: Benchmark = {
  name: 'push',
  measures:
    'a server pushes 200-byte JSON payloads to one client, two complete processes, memory store; beside unencrypted `ws.send` of each message, and socket.io',
  target:
    '1.3 times the rate of raw ws, 3 times that of socket.io; 4 µs of CPU at the server, 5 at the client',
  covers: [],
  async run(lab, scale) {
    const pace = paceOf[scale];
    const plan = { clients: 1, burst: 64 };
    const ours = { clients: 1, store: { kind: 'memory' }, hardening: 'off' } as const;
    const { sealwire, ws, socketIo } = await alternate(
      {
        sealwire: () => pushThrough(sealwirePair(lab, ours), plan, pace),
        ws: () => pushThrough(wsPair(lab, 1), plan, pace),
        socketIo: () => pushThrough(socketIoPair(lab), plan, pace),
      },
      pace.repetitions,
    );
    return [
      repeated('Sealwire', thousands(sealwire.rate), 'thousand/s'),
      repeated('raw ws', thousands(ws.rate), 'thousand/s'),
      repeated('socket.io', thousands(socketIo.rate), 'thousand/s'),
      ratio('Sealwire : raw ws', sealwire.rate, ws.rate, { least: 1.3 }),
      ratio('Sealwire : socket.io', sealwire.rate, socketIo.rate, { least: 3 }),
      repeated('CPU of the server', sealwire.serverCpu, 'µs', { most: 4 }),
      repeated('CPU of the client', sealwire.clientCpu, 'µs', { most: 5 }),
      repeated('CPU of the server, raw ws', ws.serverCpu, 'µs'),
      repeated('CPU of the client, raw ws', ws.clientCpu, 'µs'),
      repeated('CPU of the server, socket.io', socketIo.serverCpu, 'µs'),
      repeated('CPU of the client, socket.io', socketIo.clientCpu, 'µs'),
    ];
  },
};
