import type { Benchmark, Scale } from '../benchmark.js';
import { alternate } from '../lab/alternate.js';
import { ratio, repeated, thousands } from '../lab/figures.js';
import { makeKeys } from '../lab/keys.js';
import { paceOf } from '../lab/pace.js';
import { sealwirePair } from '../lab/pushing.js';
import type { RsaCalls } from '../programs/rsa.js';

const counts: Record<Scale, { clients: number; messages: number }> = {
  smoke: { clients: 2, messages: 20 },
  small: { clients: 10, messages: 200 },
  full: { clients: 50, messages: 1_000 },
};

export const receive: Benchmark = {
  name: 'receive',
  measures:
    'a server takes 1,000 messages of each of 50 clients, which were signed and sealed beforehand and come all at once; beside RSA verification alone, on one thread, with one key and with those of all clients in turn',
  target: '0.8 of the rate of verification alone',
  covers: [],
  async run(lab, scale) {
    const { repetitions, warmMs, ms } = paceOf[scale];
    const { clients: count, messages } = counts[scale];
    await makeKeys(count);
    const sealwire = async () => {
      const { server, clients, end } = await sealwirePair(lab, {
        clients: count,
        store: { kind: 'memory' },
        hardening: 'off',
        // A client that hears of no outcome would ask for it, and what it asks is kept back, too.
        checkpoint: false,
      });
      const total = count * messages;
      // A tenth of it before, to warm up.
      const warm = Math.ceil(messages / 10);
      await clients.call('prepare', warm);
      await clients.call('release');
      await server.call('handled', count * warm);
      await clients.call('prepare', messages);
      const before = await server.call('cpu');
      const handled = server.call('handled', count * warm + total);
      await clients.call('release');
      const { firstAt, lastAt } = await handled;
      const cpu = (1_000 * ((await server.call('cpu')) - before)) / total;
      await end();
      return { rate: (1_000 * total) / (lastAt - firstAt), cpu };
    };
    const verifying = async () => {
      const rsa = lab.program<RsaCalls>('rsa');
      await rsa.call('repeat', 'verify', warmMs);
      const rate = await rsa.call('repeat', 'verify', ms);
      await rsa.kill();
      return { rate };
    };
    const verifyingInTurn = async () => {
      const rsa = lab.program<RsaCalls>('rsa');
      await rsa.call('verifyInTurn', count, warmMs);
      const rate = await rsa.call('verifyInTurn', count, ms);
      await rsa.kill();
      return { rate };
    };
    const { ours, alone, inTurn } = await alternate(
      { ours: sealwire, alone: verifying, inTurn: verifyingInTurn },
      repetitions,
    );
    return [
      ratio('handling : verifying alone', ours.rate, alone.rate, { least: 0.8 }),
      ratio('handling : verifying with all keys', ours.rate, inTurn.rate),
      repeated('handled', thousands(ours.rate), 'thousand/s'),
      repeated('verifying alone', thousands(alone.rate), 'thousand/s'),
      repeated('verifying with all keys', thousands(inTurn.rate), 'thousand/s'),
      repeated('CPU of the server', ours.cpu, 'µs'),
    ];
  },
};
