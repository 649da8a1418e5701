import { availableParallelism } from 'node:os';
import type { Benchmark, Scale } from '../benchmark.js';
import { alternate } from '../lab/alternate.js';
import { ratio, repeated } from '../lab/figures.js';
import { makeKeys } from '../lab/keys.js';
import { paceOf } from '../lab/pace.js';
import { sealwirePair, wsPair } from '../lab/pushing.js';
import { now } from '../lab/time.js';
import type { RsaCalls } from '../programs/rsa.js';

const atOnce = 8;
/** As a server decrypts by default (`maxRsaOperations`). */
const decryptionsAtOnce = Math.max(1, availableParallelism() - 1);
const operations: Record<Scale, number> = { smoke: 20, small: 200, full: 1_000 };

export const handshakes: Benchmark = {
  name: 'handshakes',
  measures:
    'clients connect and close, 8 at once; CPU of the server for each, beside one decryption on another thread, one encryption, one verification and one raw ws upgrade with its close, each measured alone and added up',
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
    const rawWs = async (messages: number) => {
      const { url, server, clients, end } = await wsPair(lab, 0);
      await clients.call('upgrades', url, atOnce, messages, warmMs, warmCalls);
      await server.call('watchTurns');
      const before = await server.call('cpu');
      const count = await clients.call('upgrades', url, atOnce, messages, ms);
      const cpu = (1_000 * ((await server.call('cpu')) - before)) / count;
      const longTurn = await server.call('longTurn');
      await end();
      return { cpu, longTurn };
    };
    const rsa = async () => {
      const program = lab.program<RsaCalls>('rsa');
      const cpuOf = async (operation: 'encrypt' | 'verify') => {
        await program.call('repeat', operation, warmMs);
        return await program.call('cpuOf', operation, operations[scale]);
      };
      await program.call('cpuOfDecryption', decryptionsAtOnce, operations[scale]);
      const decrypt = await program.call('cpuOfDecryption', decryptionsAtOnce, operations[scale]);
      const cpu = decrypt + (await cpuOf('encrypt')) + (await cpuOf('verify'));
      await program.kill();
      return { cpu, decrypt };
    };
    const ws = () => rawWs(0);
    // Not of the sum: what a handshake of two messages each way costs at the least, if it is no cryptography at all.
    const wsMessages = () => rawWs(2);
    const measured = await alternate({ sealwire, ws, wsMessages, rsa }, repetitions);
    const withRsa = (cpu: number, n: number) => cpu + (measured.rsa.cpu[n] ?? 0);
    const sum = measured.ws.cpu.map(withRsa);
    const sumWithMessages = measured.wsMessages.cpu.map(withRsa);
    return [
      ratio('the sum : a handshake', sum, measured.sealwire.cpu, { least: 0.7 }),
      ratio('the sum and two messages each way : a handshake', sumWithMessages, measured.sealwire.cpu),
      ratio('the sum : the sum and two messages each way', sum, sumWithMessages),
      repeated('99 of 100 turns of the server are shorter than', measured.sealwire.longTurn, 'ms', {
        most: 5,
      }),
      repeated('99 of 100 turns of raw ws are shorter than', measured.ws.longTurn, 'ms'),
      repeated('handshakes', measured.sealwire.rate, '/s'),
      repeated('CPU of the server for each', measured.sealwire.cpu, 'µs'),
      repeated('the sum', sum, 'µs'),
      repeated('RSA operations', measured.rsa.cpu, 'µs'),
      repeated('decryption alone', measured.rsa.decrypt, 'µs'),
      repeated('raw ws upgrade and close', measured.ws.cpu, 'µs'),
      repeated('raw ws upgrade, two messages each way and close', measured.wsMessages.cpu, 'µs'),
    ];
  },
};
