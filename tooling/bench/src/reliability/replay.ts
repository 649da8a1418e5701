import type { Benchmark, Scale } from '../benchmark.js';
import { clientIds } from '../lab/keys.js';
import { sleep } from '../lab/time.js';

const counts: Record<Scale, { long: number; short: number; live: number; pauseMs: number }> = {
  smoke: { long: 20_000, short: 2_000, live: 4, pauseMs: 300 },
  small: { long: 200_000, short: 10_000, live: 20, pauseMs: 2_000 },
  full: { long: 1_000_000, short: 10_000, live: 20, pauseMs: 4_000 },
};
const MIB = 2 ** 20;
/** What the young generation of the heap may take more while a replay goes on for longer. */
const allowance = 48;

export const replay: Benchmark = {
  name: 'replay',
  measures:
    'a log of 1,000,000 messages of 200 bytes, on disk, resumed from -1 while 20 other clients get live events',
  target: `server memory as in a replay of 10,000, and ${allowance} MiB; all in order; p99 of the others less than doubled`,
  covers: ['O3'],
  async run(lab, scale) {
    const { long, short, live, pauseMs } = counts[scale];
    const store = { kind: 'lmdb', path: lab.folder(), maxEntriesPerClient: 2 * long } as const;
    const plan = { clients: live + 2, store };
    const [long0 = '', short0 = '', ...others] = clientIds(0, live + 2);
    const filler = await lab.server(plan);
    await filler.server.call('fill', [long0], long, 200);
    await filler.server.call('fill', [short0], short, 200);
    await filler.server.call('stop');
    await filler.server.kill();

    // A new process, so that its memory is that of the replays alone.
    const { server, url } = await lab.server(plan);
    const bystanders = await lab.clients({ url, ids: others });
    await server.call('beginPace', { ids: others, perSecond: 50, bytes: 200 });

    const replayed = async (id: string, order: number) => {
      await server.call('begin');
      await bystanders.call('begin');
      const reader = await lab.clients({ url, ids: [id] });
      const whole = await reader.call('reach', order, 600_000);
      const { peak } = await server.call('report');
      const { latency } = await bystanders.call('report');
      const report = await reader.call('report');
      await reader.kill();
      return {
        peak: peak.own / MIB,
        latency,
        report,
        whole,
        seconds: (report.lastMessageAt - report.lastLiveAt) / 1_000,
      };
    };
    const alone = async () => {
      await bystanders.call('begin');
      await sleep(pauseMs);
      return (await bystanders.call('report')).latency.p99;
    };

    const few = await replayed(short0, short);
    const before = await alone();
    const many = await replayed(long0, long);
    const after = await alone();
    const published = await server.call('endPace');
    const everything = await bystanders.call('reach', published / live, 30_000);
    const watched = await bystanders.call('report');
    const p99 = Math.max(before, after);
    return [
      {
        what: `messages delivered of ${long}`,
        value: many.report.received,
        unit: '',
        least: long,
        most: long,
      },
      {
        what: 'holes, repeats and wrong messages',
        value: many.report.holes + many.report.wrong,
        unit: '',
        most: 0,
      },
      { what: 'links lost by the reader', value: total(many.report.lost), unit: '', most: 0 },
      { what: `server memory, replay of ${short}`, value: few.peak, unit: 'MiB' },
      { what: `server memory, replay of ${long}`, value: many.peak, unit: 'MiB', most: few.peak + allowance },
      {
        what: 'memory of the reader',
        value: many.report.peak.own / MIB,
        unit: 'MiB',
        most: few.report.peak.own / MIB + allowance,
      },
      { what: 'replay', value: long / many.seconds / 1_000, unit: 'thousand/s' },
      {
        what: 'live events lost by the others',
        value: everything ? watched.holes + watched.wrong : published - watched.received,
        unit: '',
        most: 0,
      },
      { what: 'p99 of the others without a replay', value: p99, unit: 'ms' },
      {
        what: 'p99 of the others during the replay',
        value: many.latency.p99,
        unit: 'ms',
        most: 2 * p99,
        timing: true,
      },
    ];
  },
};

function total(lost: Readonly<Record<number, number>>): number {
  return Object.values(lost).reduce((sum, times) => sum + times, 0);
}
