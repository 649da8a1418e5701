import type { Benchmark, Scale } from '../benchmark.js';
import { clientIds } from '../lab/keys.js';

const counts: Record<Scale, { readers: number; kept: number; more: number; handlerMs: number }> = {
  smoke: { readers: 2, kept: 1_000, more: 12_000, handlerMs: 1 },
  small: { readers: 4, kept: 2_000, more: 40_000, handlerMs: 1 },
  full: { readers: 10, kept: 2_000, more: 100_000, handlerMs: 1 },
};

export const retention: Benchmark = {
  name: 'retention',
  measures: 'slow readers of logs on disk that keep 2,000 messages while 100,000 more are published',
  target: 'a reader gets each message in order, or is told that history is gone (4100): no silent hole',
  covers: ['D7'],
  async run(lab, scale) {
    const { readers, kept, more, handlerMs } = counts[scale];
    const ids = clientIds(0, readers);
    const store = { kind: 'lmdb', path: lab.folder(), maxEntriesPerClient: kept } as const;
    const { server, url } = await lab.server({ clients: readers, store });
    await server.call('fill', ids, kept, 1_024);
    const slow = await lab.clients({ url, ids, handlerMs, readsOn: true });
    // In slices, so that each log grows and shrinks while all are read.
    for (let upTo = kept; upTo < kept + more; upTo += 500) await server.call('fill', ids, upTo, 1_024);
    await server.call('fill', ids, kept + more, 1_024);
    const whole = await slow.call('reach', kept + more, 180_000);
    const { holes, wrong, gone, received, stopped } = await slow.call('report');
    return [
      { what: 'readers at the end of their logs', value: Number(whole), unit: '', least: 1 },
      { what: 'silent holes and wrong messages', value: holes + wrong, unit: '', most: 0 },
      { what: 'told that history is gone', value: gone, unit: 'times', least: 1 },
      { what: `received of ${readers * (kept + more)}`, value: received, unit: '' },
      { what: 'stopped for another reason', value: stopped.length, unit: '', most: 0 },
    ];
  },
};
