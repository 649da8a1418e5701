import type { Benchmark, Scale } from '../benchmark.js';
import { alternate } from '../lab/alternate.js';
import { ratio, repeated, thousands } from '../lab/figures.js';
import { paceOf } from '../lab/pace.js';
import { pushThrough, sealwirePair, wsPair } from '../lab/pushing.js';

const counts: Record<Scale, number> = { smoke: 10, small: 100, full: 1_000 };

export const fanOut: Benchmark = {
  name: 'fan-out',
  measures:
    'each event goes to 1,000 sessions, memory store; beside 1,000 raw `ws.send` of a text that is made once',
  target: '0.7 of raw ws',
  covers: [],
  async run(lab, scale) {
    const pace = paceOf[scale];
    const clients = counts[scale];
    const plan = { clients, burst: 1, together: true };
    const ours = { clients, store: { kind: 'memory' }, hardening: 'off', mostWaiting: 0 } as const;
    const { sealwire, ws } = await alternate(
      {
        sealwire: () => pushThrough(sealwirePair(lab, ours), plan, pace),
        ws: () => pushThrough(wsPair(lab, clients), plan, pace),
      },
      pace.repetitions,
    );
    return [
      ratio('Sealwire : raw ws', sealwire.rate, ws.rate, { least: 0.7 }),
      repeated('Sealwire', thousands(sealwire.rate), 'thousand/s'),
      repeated('raw ws', thousands(ws.rate), 'thousand/s'),
      repeated('CPU of the server', sealwire.serverCpu, 'µs'),
      repeated('CPU of the clients', sealwire.clientCpu, 'µs'),
      repeated('CPU of the server, raw ws', ws.serverCpu, 'µs'),
      repeated('CPU of the clients, raw ws', ws.clientCpu, 'µs'),
    ];
  },
};
