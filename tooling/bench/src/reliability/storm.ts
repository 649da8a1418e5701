import type { Benchmark, Scale } from '../benchmark.js';
import { clientIds } from '../lab/keys.js';
import { now, sleep } from '../lab/time.js';

const counts: Record<Scale, { clients: number; processes: number; witnesses: number; settleMs: number }> = {
  smoke: { clients: 20, processes: 1, witnesses: 2, settleMs: 500 },
  small: { clients: 500, processes: 2, witnesses: 20, settleMs: 5_000 },
  full: { clients: 5_000, processes: 2, witnesses: 20, settleMs: 8_000 },
};

export const storm: Benchmark = {
  name: 'storm',
  measures: '5,000 clients; the server is killed with SIGKILL, started again, and has an event for each',
  target: 'all resumed within 30 s of the kill; heartbeats of live sessions never more than 1 s late',
  covers: ['O1', 'P5'],
  async run(lab, scale) {
    const { clients, processes, witnesses, settleMs } = counts[scale];
    const ids = clientIds(0, clients);
    const each = Math.ceil((clients - witnesses) / processes);
    const plan = { clients, store: { kind: 'lmdb', path: lab.folder() } } as const;
    const { server, url } = await lab.server(plan);
    // In a process of their own, which is never busy itself.
    const witness = await lab.clients({ url, ids: ids.slice(0, witnesses) });
    const crowds = [];
    for (let from = witnesses; from < clients; from += each) {
      crowds.push(await lab.clients({ url, ids: ids.slice(from, from + each) }));
    }
    const all = [witness, ...crowds];
    await server.call('fill', ids, 1, 200);
    await Promise.all(all.map((group) => group.call('reach', 1, 60_000)));
    await Promise.all(all.map((group) => group.call('begin')));
    await sleep(settleMs);
    const calm = await witness.call('report');

    await Promise.all(all.map((group) => group.call('begin')));
    const killedAt = now();
    await server.kill();
    const again = await lab.server({ ...plan, port: Number(new URL(url).port) });
    const startedAt = now();
    await again.server.call('fill', ids, 2, 200);
    const resumed = await Promise.all(all.map((group) => group.call('reach', 2, 120_000)));
    const reports = await Promise.all(all.map((group) => group.call('report')));
    const { ended, refused, longestTurn, cpu } = await again.server.call('report');
    const last = Math.max(
      ...reports.map(({ lastMessageAt, lastLiveAt }) => Math.max(lastMessageAt, lastLiveAt)),
    );
    const sum = (of: (report: (typeof reports)[number]) => number) =>
      reports.reduce((total, report) => total + of(report), 0);
    return [
      {
        what: `resumed of ${clients}`,
        value: resumed.every(Boolean) ? clients : sum(({ live }) => live),
        unit: '',
        least: clients,
      },
      {
        what: 'events received',
        value: sum(({ received }) => received),
        unit: '',
        least: 2 * clients,
        most: 2 * clients,
      },
      {
        what: 'holes and wrong messages',
        value: sum(({ holes, wrong }) => holes + wrong),
        unit: '',
        most: 0,
      },
      { what: 'from the kill until the server listens', value: (startedAt - killedAt) / 1_000, unit: 's' },
      {
        what: 'from the kill until the last has resumed',
        value: (last - killedAt) / 1_000,
        unit: 's',
        most: 30,
        timing: true,
      },
      ...Object.entries(refused).map(([why, value]) => ({
        what: `handshakes turned away, ${why}`,
        value,
        unit: '',
      })),
      { what: 'CPU of the server', value: cpu / 1_000, unit: 's' },
      { what: 'CPU of the clients', value: sum((report) => report.cpu) / 1_000, unit: 's' },
      { what: 'live sessions lost after the restart', value: ended.length, unit: '', most: 0, timing: true },
      { what: 'latest heartbeat before', value: Math.max(0, calm.lateBeat) / 1_000, unit: 's late' },
      {
        what: 'latest heartbeat of the witnesses',
        value: Math.max(0, reports[0]?.lateBeat ?? 0) / 1_000,
        unit: 's late',
        most: 1,
        timing: true,
      },
      {
        what: 'latest heartbeat of all',
        value: Math.max(0, ...reports.map(({ lateBeat }) => lateBeat)) / 1_000,
        unit: 's late',
      },
      { what: 'longest turn of the server', value: longestTurn, unit: 'ms' },
      {
        what: 'longest turn of the clients',
        value: Math.max(...reports.map((report) => report.longestTurn)),
        unit: 'ms',
      },
    ];
  },
};
