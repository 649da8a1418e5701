import type { Benchmark, Scale } from '../benchmark.js';
import { alternate } from '../lab/alternate.js';
import { ratio, repeated } from '../lab/figures.js';
import { makeKeys } from '../lab/keys.js';
import { paceOf } from '../lab/pace.js';
import { sealwirePair, wsPair } from '../lab/pushing.js';
import { now } from '../lab/time.js';
import type { RsaCalls } from '../programs/rsa.js';

const atOnce = 8;
const operations: Record<Scale, number> = { smoke: 20, small: 200, full: 1_000 };

export const handshakes: Benchmark = {
  name: 'handshakes',
  measures:
    'clients connect and close, 8 at once; CPU of the server for each, beside one decryption, one encryption, one verification and one raw ws upgrade with its close, each measured alone and added up',
  target: 'the sum is 0.7 of it; 99 of 100 turns of the event loop are shorter than 5 ms',
  covers: [],
  async run(lab, scale) {
    const { repetitions, warmMs, warmCalls, ms } = paceOf[scale];
    await makeKeys(atOnce);
    const plan = { clients: atOnce, store: { kind: 'memory' }, hardening: 'off', counted: false } as const;
    const sealwire = async () => {
      const { url, server, clients, end } = await sealwirePair(lab, { ...plan, clients: 0, known: atOnce });
      await clients.call('handshakes', url, lab.keys, atOnce, warmMs, warmCalls);
      await server.call('watchTurns');
      const before = await server.call('cpu');
      const began = now();
      const count = await clients.call('handshakes', url, lab.keys, atOnce, ms);
      const rate = (1_000 * count) / (now() - began);
      const cpu = (1_000 * ((await server.call('cpu')) - before)) / count;
      const longTurn = await server.call('longTurn');
      await end();
      return { cpu, longTurn, rate };
    };
    const ws = async () => {
      const { url, server, clients, end } = await wsPair(lab, 0);
      await clients.call('upgrades', url, atOnce, warmMs, warmCalls);
      await server.call('watchTurns');
      const before = await server.call('cpu');
      const count = await clients.call('upgrades', url, atOnce, ms);
      const cpu = (1_000 * ((await server.call('cpu')) - before)) / count;
      const longTurn = await server.call('longTurn');
      await end();
      return { cpu, longTurn };
    };
    const rsa = async () => {
      const program = lab.program<RsaCalls>('rsa');
      const cpuOf = async (operation: 'decrypt' | 'encrypt' | 'verify') => {
        await program.call('repeat', operation, warmMs);
        return await program.call('cpuOf', operation, operations[scale]);
      };
      const [decrypt, encrypt, verify] = [
        await cpuOf('decrypt'),
        await cpuOf('encrypt'),
        await cpuOf('verify'),
      ];
      await program.kill();
      return { cpu: decrypt + encrypt + verify };
    };
    const measured = await alternate({ sealwire, ws, rsa }, repetitions);
    const sum = measured.ws.cpu.map((cpu, n) => cpu + (measured.rsa.cpu[n] ?? 0));
    return [
      ratio('the sum : a handshake', sum, measured.sealwire.cpu, { least: 0.7 }),
      repeated('99 of 100 turns of the server are shorter than', measured.sealwire.longTurn, 'ms', {
        most: 5,
      }),
      repeated('99 of 100 turns of raw ws are shorter than', measured.ws.longTurn, 'ms'),
      repeated('handshakes', measured.sealwire.rate, '/s'),
      repeated('CPU of the server for each', measured.sealwire.cpu, 'µs'),
      repeated('the sum', sum, 'µs'),
      repeated('RSA operations', measured.rsa.cpu, 'µs'),
      repeated('raw ws upgrade and close', measured.ws.cpu, 'µs'),
    ];
  },
};
