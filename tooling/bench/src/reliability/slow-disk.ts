import type { Benchmark, Scale } from '../benchmark.js';
import { clientIds } from '../lab/keys.js';

const counts: Record<Scale, { clients: number; messages: number; flushMs: number }> = {
  smoke: { clients: 2, messages: 100, flushMs: 500 },
  small: { clients: 10, messages: 300, flushMs: 2_000 },
  full: { clients: 10, messages: 3_000, flushMs: 2_000 },
};
const MIB = 2 ** 20;

export const slowDisk: Benchmark = {
  name: 'slow-disk',
  measures: 'a store whose disk takes 2 s for each flush, while 10 clients send 3,000 signed messages each',
  target:
    'outcomes come late, heartbeats do not (at most 1 s); queues stay within the bounds of the outboxes',
  covers: ['D5'],
  async run(lab, scale) {
    const { clients, messages, flushMs } = counts[scale];
    const ids = clientIds(0, clients);
    const { server, url } = await lab.server({ clients: clients + 1, store: { kind: 'slow', flushMs } });
    const witness = await lab.clients({ url, ids: [`c${clients}`] });
    const senders = await lab.clients({ url, ids });
    const before = await server.call('begin');
    await Promise.all([witness.call('begin'), senders.call('begin')]);
    const accepted = await senders.call('send', messages, 100);
    const { slow, handled, disordered, ended, peak } = await server.call('report');
    const [{ lateBeat }, sending] = [await witness.call('report'), await senders.call('report')];
    const sent = clients * messages;
    return [
      { what: 'accepted', value: accepted, unit: '', least: sent, most: sent },
      { what: 'handled', value: handled, unit: '', least: sent, most: sent },
      { what: 'handled out of order', value: disordered, unit: '', most: 0 },
      { what: 'sessions lost', value: ended.length, unit: '', most: 0, timing: true },
      {
        what: 'from commit to flush, longest',
        value: (slow?.longest ?? 0) / 1_000,
        unit: 's',
        least: flushMs / 1_000,
      },
      {
        what: 'commits that waited at one time',
        value: slow?.mostWaiting ?? 0,
        unit: '',
        most: clients * 4_096,
      },
      {
        what: 'server memory beyond that before',
        value: (peak.own - before.own) / MIB,
        unit: 'MiB',
        most: 128,
      },
      {
        what: 'latest heartbeat of an idle client',
        value: Math.max(0, lateBeat) / 1_000,
        unit: 's late',
        most: 1,
        timing: true,
      },
      {
        what: 'latest heartbeat of the senders',
        value: Math.max(0, sending.lateBeat) / 1_000,
        unit: 's late',
      },
    ];
  },
};
