import { availableParallelism } from 'node:os';
import type { Benchmark } from '../benchmark.js';
import { alternate } from '../lab/alternate.js';
import { ratio, repeated, thousands } from '../lab/figures.js';
import { makeKeys } from '../lab/keys.js';
import { paceOf } from '../lab/pace.js';
import { sealwirePair } from '../lab/pushing.js';
import type { RsaCalls } from '../programs/rsa.js';

export const send: Benchmark = {
  name: 'send',
  measures:
    'one client sends signed 200-byte JSON payloads, pipelined, until all are accepted; beside a process that only signs, on one thread less than there are cores',
  target: '0.9 of the rate of signing alone',
  covers: [],
  async run(lab, scale) {
    const { repetitions, warmMs, ms } = paceOf[scale];
    const threads = Math.max(1, availableParallelism() - 1);
    await makeKeys(1);
    const sealwire = async () => {
      const { server, clients, end } = await sealwirePair(lab, {
        clients: 1,
        store: { kind: 'memory' },
        hardening: 'off',
      });
      await clients.call('send', warmMs);
      const before = [await server.call('cpu'), await clients.call('cpu')] as const;
      const { rate, count } = await clients.call('send', ms);
      const after = [await server.call('cpu'), await clients.call('cpu')] as const;
      await end();
      return {
        rate,
        serverCpu: (1_000 * (after[0] - before[0])) / count,
        clientCpu: (1_000 * (after[1] - before[1])) / count,
      };
    };
    const signing = async () => {
      const rsa = lab.program<RsaCalls>('rsa', { threads });
      await rsa.call('sign', 8 * threads, warmMs);
      const rate = await rsa.call('sign', 8 * threads, ms);
      await rsa.kill();
      return { rate };
    };
    const { ours, alone } = await alternate({ ours: sealwire, alone: signing }, repetitions);
    return [
      ratio('sending : signing alone', ours.rate, alone.rate, { least: 0.9 }),
      repeated('accepted', thousands(ours.rate), 'thousand/s'),
      repeated(`signing alone, ${threads} of the cores`, thousands(alone.rate), 'thousand/s'),
      repeated('CPU of the client', ours.clientCpu, 'µs'),
      repeated('CPU of the server', ours.serverCpu, 'µs'),
    ];
  },
};
