import type { Benchmark, Lab, Scale } from '../benchmark.js';
import { clientIds } from '../lab/keys.js';
import { now, sleep, until } from '../lab/time.js';

const rounds: Record<Scale, number> = { smoke: 1, small: 3, full: 10 };
/** Of what a link, or a busy process, may take without being called dead. */
const hold = 2_000;

export const halfOpen: Benchmark = {
  name: 'half-open',
  measures:
    'links on which one direction is swallowed without a close; event loops that stand still for 2 s; a round trip of 2 s',
  target: 'the client leaves within 5.0 s, the server within 10.0 s; no false alarm',
  covers: ['N2', 'N3', 'N11', 'O4'],
  async run(lab, scale) {
    const { server, url } = await lab.server({ clients: 64, store: { kind: 'memory' } });
    const counts = rounds[scale];
    // The server stands still in the other half, so those rounds are not disturbed by it.
    const swallowed = await Promise.all(
      Array.from({ length: counts }, (_, round) => swallow(lab, server, url, round)),
    );
    const { alarms, sessions } = await slow(lab, counts);
    return [
      {
        what: 'client leaves a silent server after, longest',
        value: Math.max(...swallowed.map(({ client }) => client)) / 1_000,
        unit: 's',
        most: 5,
        timing: true,
      },
      {
        what: 'server leaves a silent client after, longest',
        value: Math.max(...swallowed.map(({ server: took }) => took)) / 1_000,
        unit: 's',
        most: 10,
        timing: true,
      },
      { what: 'not noticed', value: swallowed.filter(({ noticed }) => !noticed).length, unit: '', most: 0 },
      { what: 'sessions through slow times', value: sessions, unit: '' },
      { what: 'false alarms', value: alarms, unit: '', most: 0, timing: true },
    ];
  },
};

type Server = Awaited<ReturnType<Lab['server']>>['server'];

async function swallow(lab: Lab, server: Server, url: string, round: number) {
  const [deaf = '', mute = ''] = clientIds(2 * round, 2);
  const [toClient, toServer] = [await lab.proxy(url), await lab.proxy(url)];
  const waits = await lab.clients({ url: toClient.url, ids: [deaf] });
  await lab.clients({ url: toServer.url, ids: [mute] });
  // Not all in the same phase of the heartbeat.
  await sleep(round * 190);
  const began = now();
  toClient.stall('to-client');
  toServer.stall('to-server');
  let client = Number.POSITIVE_INFINITY;
  let left = Number.POSITIVE_INFINITY;
  const noticed = await until(async () => {
    const { lost, lastLostAt } = await waits.call('report');
    if (Object.keys(lost).length > 0) client = lastLostAt - began;
    const gone = (await server.call('report')).ended.find(({ clientId }) => clientId === mute);
    if (gone !== undefined) left = gone.at - began;
    return client + left < Number.POSITIVE_INFINITY;
  }, 20_000);
  return { client, server: left, noticed };
}

/** Half of the clients behind a link of 2 s round trip; then everything stands still in turn. */
async function slow(lab: Lab, counts: number) {
  const { server, url } = await lab.server({ clients: 16, store: { kind: 'memory' } });
  const far = await lab.proxy(url, hold / 2);
  const groups = [
    await lab.clients({ url, ids: clientIds(0, 4) }),
    await lab.clients({ url: far.url, ids: clientIds(4, 4) }),
  ];
  for (let round = 0; round < counts; round++) {
    await server.call('block', hold);
    await sleep(1_300);
    await Promise.all(groups.map((group) => group.call('block', hold)));
    await sleep(1_300);
  }
  await sleep(5_000);
  const reports = await Promise.all(groups.map((group) => group.call('report')));
  const alarms = reports.reduce(
    (sum, { lost }) => sum + Object.values(lost).reduce((all, times) => all + times, 0),
    0,
  );
  const { ended } = await server.call('report');
  return { alarms: alarms + ended.length, sessions: 8 };
}
