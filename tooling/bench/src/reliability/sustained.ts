import type { Benchmark, Scale } from '../benchmark.js';
import { clientIds } from '../lab/keys.js';
import { largest } from '../lab/sample.js';
import { now, sleep } from '../lab/time.js';

const counts: Record<Scale, { clients: number; perSecond: number; seconds: number }> = {
  smoke: { clients: 4, perSecond: 50, seconds: 3 },
  small: { clients: 10, perSecond: 2_000, seconds: 12 },
  full: { clients: 10, perSecond: 2_000, seconds: 300 },
};
const MIB = 2 ** 20;
const allowance = 48;
/** Few, so that the logs are full early: what grows later would be a queue. */
const kept = 4_096;

export const sustained: Benchmark = {
  name: 'sustained',
  measures:
    '20,000 messages of 1 KiB a second to 10 clients for 5 minutes, the newest 4,096 of each kept in memory',
  target: `no queue grows: what waits in the links, and memory within ${allowance} MiB from the second to the last third`,
  covers: ['O8'],
  async run(lab, scale) {
    const { clients, perSecond, seconds } = counts[scale];
    const ids = clientIds(0, clients);
    const { server, url } = await lab.server({
      clients,
      store: { kind: 'memory', maxEntriesPerClient: kept },
    });
    const readers = await lab.clients({ url, ids, readsOn: true });
    const began = now();
    await server.call('beginPace', { ids, perSecond, bytes: 1_024 });
    const thirds = [];
    for (let third = 0; third < 3; third++) {
      await Promise.all([server.call('begin'), readers.call('begin')]);
      const waiting: number[] = [];
      for (let step = 0; step < 10; step++) {
        await sleep((seconds * 1_000) / 30);
        waiting.push((await server.call('report')).buffered);
      }
      const [{ peak }, { latency, peak: reading }] = [
        await server.call('report'),
        await readers.call('report'),
      ];
      thirds.push({ waiting: largest(waiting), peak: peak.own / MIB, reading: reading.own / MIB, latency });
    }
    const published = await server.call('endPace');
    const took = (now() - began) / 1_000;
    const whole = await readers.call('reach', published / clients, 60_000);
    const report = await readers.call('report');
    const [, second, last] = thirds;
    if (second === undefined || last === undefined) throw new Error('there are three thirds');
    return [
      {
        what: 'published',
        value: published / took / 1_000,
        unit: 'thousand/s',
        ...(scale !== 'smoke' && { least: (0.95 * clients * perSecond) / 1_000, timing: true }),
      },
      { what: 'silent holes and wrong messages', value: report.holes + report.wrong, unit: '', most: 0 },
      {
        what: 'not delivered, because a reader fell behind what is kept (4100)',
        value: whole ? published - report.received : published,
        unit: '',
        most: 0,
        timing: scale !== 'smoke',
      },
      {
        what: 'sessions lost',
        value: Object.keys(report.lost).length,
        unit: '',
        most: 0,
        timing: true,
      },
      {
        what: 'waiting in all links, last third',
        value: last.waiting / 1_024,
        unit: 'KiB',
        most: clients * 640,
      },
      { what: 'server memory, second third', value: second.peak, unit: 'MiB' },
      { what: 'server memory, last third', value: last.peak, unit: 'MiB', most: second.peak + allowance },
      {
        what: 'memory of the clients, last third',
        value: last.reading,
        unit: 'MiB',
        most: second.reading + allowance,
      },
      { what: 'p99 latency, last third', value: last.latency.p99, unit: 'ms' },
    ];
  },
};
