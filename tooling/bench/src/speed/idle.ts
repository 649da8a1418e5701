import type { Benchmark, Scale } from '../benchmark.js';
import { alternate } from '../lab/alternate.js';
import { repeated } from '../lab/figures.js';
import { clientIds, makeKeys } from '../lab/keys.js';
import type { Memory } from '../lab/memory.js';
import { paceOf } from '../lab/pace.js';
import { sealwirePair, wsPair } from '../lab/pushing.js';

const counts: Record<Scale, number> = { smoke: 40, small: 500, full: 5_000 };

export const idle: Benchmark = {
  name: 'idle',
  measures:
    'memory that each of 5,000 authenticated sessions takes at a server in which nothing happens, beside raw ws connections; from the first 1,000 to all, after the garbage is collected',
  target: '5 KiB more than raw ws',
  covers: [],
  async run(lab, scale) {
    const count = counts[scale];
    const few = count / 5;
    await makeKeys(Math.min(lab.keys, count));
    const each = (before: Memory, after: Memory) => ({
      own: (after.own - before.own) / (count - few) / 1_024,
      heap: (after.heap - before.heap) / (count - few) / 1_024,
    });
    const sealwire = async () => {
      const plan = { store: { kind: 'memory' }, hardening: 'off', counted: false } as const;
      const { url, server, clients, end } = await sealwirePair(lab, { ...plan, clients: few, known: count });
      const before = await server.call('memory');
      const ids = clientIds(few, count - few);
      await clients.call('open', { url, ids, keys: lab.keys, hardening: 'off', checkpoint: true });
      const grown = each(before, await server.call('memory'));
      await end();
      return grown;
    };
    const ws = async () => {
      const { url, server, clients, end } = await wsPair(lab, few);
      const before = await server.call('memory');
      await clients.call('open', url, count - few);
      const grown = each(before, await server.call('memory'));
      await end();
      return grown;
    };
    const measured = await alternate({ sealwire, ws }, paceOf[scale].repetitions);
    const more = (of: 'own' | 'heap') =>
      measured.sealwire[of].map((value, n) => value - (measured.ws[of][n] ?? 0));
    return [
      repeated('a session more than a raw connection', more('own'), 'KiB', { most: 5 }),
      repeated('a session', measured.sealwire.own, 'KiB'),
      repeated('a raw connection', measured.ws.own, 'KiB'),
      repeated('a session more than a raw connection, on the heap of JavaScript', more('heap'), 'KiB'),
    ];
  },
};
