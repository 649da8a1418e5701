import type { Benchmark, Scale } from '../benchmark.js';
import { alternate } from '../lab/alternate.js';
import { ratio, repeated } from '../lab/figures.js';
import { paceOf } from '../lab/pace.js';
import { pushThrough, sealwirePair } from '../lab/pushing.js';

const counts: Record<Scale, { some: number; many: number }> = {
  smoke: { some: 2, many: 8 },
  small: { some: 20, many: 200 },
  full: { some: 500, many: 5_000 },
};
const burst = 64;

export const manySessions: Benchmark = {
  name: 'many-sessions',
  measures:
    'messages in batches of 64, to 1 session, to 500 and to 5,000 in turn, memory store: CPU of the server for each',
  target: 'flat within 20 %',
  covers: [],
  async run(lab, scale) {
    const pace = paceOf[scale];
    const { some, many } = counts[scale];
    // The batches are equal only if each is sent before the next one is published.
    const plan = { store: { kind: 'memory' }, hardening: 'off', mostWaiting: 0 } as const;
    const push = (clients: number) => () =>
      pushThrough(sealwirePair(lab, { ...plan, clients }), { clients, burst }, pace);
    const cost = await alternate({ one: push(1), some: push(some), many: push(many) }, pace.repetitions);
    return [
      ratio(`${some} sessions : 1`, cost.some.serverCpu, cost.one.serverCpu, { most: 1.2 }),
      ratio(`${many} sessions : 1`, cost.many.serverCpu, cost.one.serverCpu, { most: 1.2 }),
      repeated('1 session', cost.one.serverCpu, 'µs'),
      repeated(`${some} sessions`, cost.some.serverCpu, 'µs'),
      repeated(`${many} sessions`, cost.many.serverCpu, 'µs'),
    ];
  },
};
