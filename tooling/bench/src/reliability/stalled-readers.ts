import type { Benchmark, Scale } from '../benchmark.js';
import { clientIds } from '../lab/keys.js';
import { largest } from '../lab/sample.js';
import { sleep, until } from '../lab/time.js';
import type { Ended } from '../programs/observed-server.js';

const counts: Record<Scale, { stalled: number; healthy: number; log: number; baselineMs: number }> = {
  smoke: { stalled: 4, healthy: 4, log: 8_000, baselineMs: 500 },
  small: { stalled: 50, healthy: 50, log: 8_000, baselineMs: 4_000 },
  full: { stalled: 200, healthy: 200, log: 8_000, baselineMs: 10_000 },
};
const MIB = 2 ** 20;
/** The server looks ten times a second. */
const grace = 500;

export const stalledReaders: Benchmark = {
  name: 'stalled-readers',
  measures:
    '200 clients that stop reading with full logs (1 KiB a message), beside 200 healthy ones that get 10 events a second each',
  target: '1.25 MiB of server memory each, cut within 10 s, p99 of the healthy less than doubled',
  covers: ['O2', 'M5'],
  async run(lab, scale) {
    const { stalled, healthy, log, baselineMs } = counts[scale];
    const good = clientIds(0, healthy);
    const bad = clientIds(healthy, stalled);
    const plan = { clients: healthy + stalled, store: { kind: 'lmdb', path: lab.folder() } } as const;
    const filler = await lab.server(plan);
    await filler.server.call('fill', bad, log, 1_024);
    await filler.server.call('stop');
    await filler.server.kill();

    const { server, url } = await lab.server({ ...plan, watchesStalls: true });
    const readers = await lab.clients({ url, ids: good });
    await server.call('beginPace', { ids: good, perSecond: 10, bytes: 200 });
    await sleep(1_000);
    await server.call('begin');
    await readers.call('begin');
    await sleep(baselineMs);
    const before = await server.call('report');
    const without = (await readers.call('report')).latency;

    await readers.call('begin');
    let buffered = 0;
    let peak = 0;
    const cuts = new Map<string, Ended>();
    const watched = until(async () => {
      const report = await server.call('report');
      buffered = Math.max(buffered, report.mostBuffered);
      peak = Math.max(peak, report.peak.own);
      // The first of each: a client that notices its end comes back.
      for (const end of report.ended) if (!cuts.has(end.clientId)) cuts.set(end.clientId, end);
      return bad.every((id) => cuts.has(id));
    }, 150_000);
    // They do not leave by themselves, however long they read nothing. Those that go on sending are not silent.
    const stalling = { url, stalls: true, silence: 600_000 };
    const silent = await lab.clients({ ...stalling, ids: bad.slice(0, stalled / 2) });
    const sending = await lab.clients({ ...stalling, ids: bad.slice(stalled / 2), chatterMs: 2_000 });
    const allCut = await watched;
    const withThem = (await readers.call('report')).latency;
    const published = await server.call('endPace');
    const whole = await readers.call('reach', published / healthy, 30_000);
    const served = await readers.call('report');
    await Promise.all([silent.kill(), sending.kill()]);
    const ended = [...cuts.values()];
    const cutWith = (code: number) => ended.filter((each) => each.code === code);
    const each = (peak - before.peak.own) / MIB / stalled;
    return [
      { what: 'all cut', value: Number(allCut), unit: '', least: 1 },
      {
        what: 'silent ones cut as dead (1001)',
        value: cutWith(1001).length,
        unit: '',
        least: stalled / 2,
        most: stalled / 2,
        timing: true,
      },
      {
        what: 'sending ones cut as too slow (4102)',
        value: cutWith(4102).length,
        unit: '',
        least: stalled / 2,
        most: stalled / 2,
        timing: true,
      },
      {
        what: 'from the last byte to the cut, longest',
        value: largest(cutWith(4102).map(({ stalledFor }) => stalledFor)) / 1_000,
        unit: 's',
        most: (10_000 + grace) / 1_000,
        timing: true,
      },
      {
        what: 'session of a silent one, longest',
        value: largest(cutWith(1001).map(({ lived }) => lived)) / 1_000,
        unit: 's',
        most: 10,
        timing: true,
      },
      {
        what: 'session of a sending one, longest',
        value: largest(cutWith(4102).map(({ lived }) => lived)) / 1_000,
        unit: 's',
      },
      { what: 'waiting in one link, most', value: buffered / 1_024, unit: 'KiB', most: 640 },
      { what: 'server memory for each', value: each, unit: 'MiB', most: scale === 'smoke' ? 16 : 1.25 },
      { what: 'healthy sessions lost', value: Object.values(served.lost).length, unit: '', most: 0 },
      {
        what: 'holes and wrong messages of the healthy',
        value: whole ? served.holes + served.wrong : published,
        unit: '',
        most: 0,
      },
      { what: 'p99 of the healthy without them', value: without.p99, unit: 'ms' },
      {
        what: 'p99 of the healthy with them',
        value: withThem.p99,
        unit: 'ms',
        most: 2 * without.p99,
        timing: true,
      },
    ];
  },
};
