import type { Benchmark, Scale } from '../benchmark.js';
import { clientIds } from '../lab/keys.js';
import { median } from '../lab/sample.js';

const counts: Record<Scale, { messages: number; rounds: number }> = {
  smoke: { messages: 1_000, rounds: 1 },
  small: { messages: 10_000, rounds: 5 },
  full: { messages: 10_000, rounds: 15 },
};

export const backlog: Benchmark = {
  name: 'backlog',
  measures:
    '10,000 messages of 200 bytes that waited, from the end of the handshake until the last was handled, on disk and in memory; and with synthetic IVs',
  target: '150 ms without synthetic IVs',
  covers: [],
  async run(lab, scale) {
    const { messages, rounds } = counts[scale];
    const ids = clientIds(0, rounds);
    const figures = [];
    for (const { where, store, hardening, most } of [
      { where: 'on disk', store: { kind: 'lmdb', path: lab.folder() }, hardening: 'off', most: 150 },
      { where: 'in memory', store: { kind: 'memory' }, hardening: 'off', most: 150 },
      { where: 'in memory, hardened', store: { kind: 'memory' }, hardening: 'require', most: undefined },
    ] as const) {
      const { server, url } = await lab.server({ clients: rounds, store, hardening });
      await server.call('fill', ids, messages, 200);
      // One process, because a client that comes back has been running.
      const reader = await lab.clients({ url, ids: [] });
      const times: number[] = [];
      const cpu: number[] = [];
      for (const id of ids) {
        await Promise.all([reader.call('begin'), server.call('begin')]);
        await lab.connect(reader, { url, ids: [id] });
        await reader.call('reach', messages, 60_000);
        const { lastMessageAt, lastLiveAt, cpu: reading } = await reader.call('report');
        times.push(lastMessageAt - lastLiveAt);
        cpu.push(reading + (await server.call('report')).cpu);
      }
      const { received, holes, wrong } = await reader.call('report');
      await reader.kill();
      await server.kill();
      figures.push(
        {
          what: `missing or wrong, ${where}`,
          value: rounds * messages - received + holes + wrong,
          unit: '',
          most: 0,
        },
        {
          what: `resumed, ${where}, median`,
          value: median(times),
          unit: 'ms',
          ...(most !== undefined && { most, timing: true }),
        },
        { what: `CPU of both with the handshake, ${where}, median`, value: median(cpu), unit: 'ms' },
        { what: `resumed, ${where}, the first by a new process`, value: times[0] ?? 0, unit: 'ms' },
      );
    }
    return figures;
  },
};
