import { connect, type Socket } from 'node:net';
import type { Benchmark, Scale } from '../benchmark.js';
import { clientIds } from '../lab/keys.js';
import { sleep, until } from '../lab/time.js';

const counts: Record<Scale, { clients: number; descriptors: number; sockets: number }> = {
  smoke: { clients: 4, descriptors: 192, sockets: 300 },
  small: { clients: 20, descriptors: 192, sockets: 300 },
  full: { clients: 100, descriptors: 256, sockets: 1_000 },
};

export const descriptors: Benchmark = {
  name: 'descriptors',
  measures:
    'a server that may have 256 file descriptors, at which 1,000 connections knock beside its 100 clients',
  target: 'no crash, no session lost; new clients get in as soon as there is room',
  covers: ['O7'],
  async run(lab, scale) {
    const { clients, descriptors: most, sockets: count } = counts[scale];
    const ids = clientIds(0, clients);
    const plan = { clients: clients + 1, store: { kind: 'lmdb', path: lab.folder() } } as const;
    const { server, url } = await lab.server(plan, most);
    const inside = await lab.clients({ url, ids });
    await server.call('fill', ids, 1, 200);
    const sockets = Array.from({ length: count }, () => idle(Number(new URL(url).port)));
    await sleep(1_000);
    // What the clients need goes on while nobody else gets in.
    await server.call('fill', ids, 2, 200);
    const served = await inside.call('reach', 2, 30_000);
    const turnedAway = sockets.filter(({ closed }) => closed).length;
    for (const socket of sockets) socket.destroy();
    await until(() => sockets.every(({ closed }) => closed), 10_000);
    const late = await lab.clients({ url, ids: [`c${clients}`] });
    await server.call('fill', [...ids, `c${clients}`], 3, 200);
    const whole = (await inside.call('reach', 3, 30_000)) && (await late.call('reach', 3, 30_000));
    const { lost, holes, wrong } = await inside.call('report');
    return [
      { what: 'server still running', value: Number(server.running), unit: '', least: 1 },
      { what: 'its clients were served meanwhile', value: Number(served), unit: '', least: 1 },
      { what: 'sessions lost', value: Object.keys(lost).length, unit: '', most: 0 },
      { what: 'holes and wrong messages', value: holes + wrong, unit: '', most: 0 },
      { what: 'connections turned away at the limit', value: turnedAway, unit: '', least: 1 },
      { what: 'a new client got in afterwards', value: Number(whole), unit: '', least: 1 },
    ];
  },
};

/** A connection that says nothing. */
function idle(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  return socket;
}
