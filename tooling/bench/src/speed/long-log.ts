import type { Benchmark, Scale } from '../benchmark.js';
import { alternate } from '../lab/alternate.js';
import { ratio, repeated, thousands } from '../lab/figures.js';
import { clientIds } from '../lab/keys.js';
import { paceOf } from '../lab/pace.js';
import { pushThrough, sealwirePair } from '../lab/pushing.js';

const counts: Record<Scale, { clients: number; events: number }> = {
  smoke: { clients: 10, events: 100 },
  small: { clients: 100, events: 2_000 },
  full: { clients: 1_000, events: 10_000 },
};

export const longLog: Benchmark = {
  name: 'long-log',
  measures:
    'the push to one client with the LMDB store, which keeps 10,000 events of each of 1,000 other clients, or none: CPU of the server for each message',
  target: 'flat within 20 %',
  covers: [],
  async run(lab, scale) {
    const pace = paceOf[scale];
    const { clients, events } = counts[scale];
    const filled = lab.folder();
    // Each repetition pushes to another client, whose log is empty.
    const others = clientIds(pace.repetitions, clients);
    const store = { kind: 'lmdb', path: filled } as const;
    const { server } = await lab.server({ clients: 0, store });
    await server.call('fill', others, events, 200);
    await server.call('stop');
    await server.kill();

    let repetition = 0;
    const push = (path: string, firstClient: number) => {
      const plan = { clients: 1, firstClient, store: { kind: 'lmdb', path }, hardening: 'off' } as const;
      return pushThrough(sealwirePair(lab, plan), { clients: 1, burst: 64 }, pace);
    };
    const { kept, empty } = await alternate(
      { kept: () => push(filled, repetition++), empty: () => push(lab.folder(), 0) },
      pace.repetitions,
    );
    const total = `${(clients * events).toLocaleString('en')} kept events`;
    return [
      ratio(`${total} : none`, kept.serverCpu, empty.serverCpu, { most: 1.2 }),
      repeated(total, kept.serverCpu, 'µs'),
      repeated('none', empty.serverCpu, 'µs'),
      repeated(`rate, ${total}`, thousands(kept.rate), 'thousand/s'),
      repeated('rate, none', thousands(empty.rate), 'thousand/s'),
    ];
  },
};
