import type { Benchmark, Scale } from '../benchmark.js';
import { clientIds } from '../lab/keys.js';

const rounds: Record<Scale, number> = { smoke: 1, small: 3, full: 20 };
const frames = 1_000;

export const oneRead: Benchmark = {
  name: 'one-read',
  measures:
    '1,000 frames that come in one read: messages to a client, and signed messages to the server, beside another client',
  target: 'order kept; heartbeats never more than 1 s late',
  covers: ['N10'],
  async run(lab, scale) {
    const ids = clientIds(0, 2);
    const { server, url } = await lab.server({ clients: 2, store: { kind: 'memory' }, coalesce: frames });
    const [busy, other] = [
      await lab.clients({ url, ids: ids.slice(0, 1), coalesce: frames }),
      await lab.clients({ url, ids: ids.slice(1) }),
    ];
    await other.call('begin');
    await busy.call('begin');
    let accepted = 0;
    let whole = true;
    for (let round = 1; round <= rounds[scale]; round++) {
      await server.call('fill', ids.slice(0, 1), round * frames, 32);
      whole &&= await busy.call('reach', round * frames, 30_000);
      accepted += await busy.call('send', frames, 16);
    }
    const { holes, wrong, lost } = await busy.call('report');
    const { handled, disordered, ended, longestTurn } = await server.call('report');
    const sent = rounds[scale] * frames;
    const { lateBeat } = await other.call('report');
    return [
      { what: 'received in order', value: whole ? sent - holes - wrong : 0, unit: '', least: sent },
      { what: 'handled', value: handled, unit: '', least: sent, most: sent },
      { what: 'handled out of order', value: disordered, unit: '', most: 0 },
      { what: 'accepted', value: accepted, unit: '', least: sent, most: sent },
      { what: 'sessions lost', value: ended.length + Object.keys(lost).length, unit: '', most: 0 },
      {
        what: 'latest heartbeat of the other client',
        value: Math.max(0, lateBeat) / 1_000,
        unit: 's late',
        most: 1,
        timing: true,
      },
      { what: 'longest turn of the server', value: longestTurn, unit: 'ms' },
    ];
  },
};
