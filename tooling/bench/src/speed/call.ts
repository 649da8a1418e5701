import type { Benchmark } from '../benchmark.js';
import { alternate } from '../lab/alternate.js';
import { ratio, repeated } from '../lab/figures.js';
import { makeKeys } from '../lab/keys.js';
import { paceOf } from '../lab/pace.js';
import { sealwirePair, wsPair } from '../lab/pushing.js';
import type { RsaCalls } from '../programs/rsa.js';
import type { WsClientsCalls } from '../programs/ws-clients.js';
import type { WsServerCalls } from '../programs/ws-server.js';

export const call: Benchmark = {
  name: 'call',
  measures:
    'calls that the server answers with what it was given, one at a time, signed; beside one signature, one verification and one raw ws round trip, each measured alone and added up; and a program of bare `node:crypto` and ws that takes these three steps in turn',
  target: '1.3 times the sum',
  covers: [],
  async run(lab, scale) {
    const { repetitions, warmMs, warmCalls, ms } = paceOf[scale];
    await makeKeys(1);
    const sealwire = async () => {
      const plan = { clients: 1, store: { kind: 'memory' }, hardening: 'off' } as const;
      const { clients, end } = await sealwirePair(lab, plan);
      await clients.call('roundTrips', warmMs, warmCalls);
      const micros = await clients.call('roundTrips', ms);
      await end();
      return { micros };
    };
    const ws = async () => {
      const { url, clients, end } = await wsPair(lab, 0);
      await clients.call('roundTrips', url, warmMs, warmCalls);
      const micros = await clients.call('roundTrips', url, ms);
      await end();
      return { micros };
    };
    const bare = async () => {
      const server = lab.program<WsServerCalls>('ws-server');
      const clients = lab.program<WsClientsCalls>('ws-clients');
      const url = await server.call('startVerifying');
      await clients.call('signedRoundTrips', url, warmMs, warmCalls);
      const micros = await clients.call('signedRoundTrips', url, ms);
      await Promise.all([server.kill(), clients.kill()]);
      return { micros };
    };
    const rsa = async () => {
      const program = lab.program<RsaCalls>('rsa');
      await program.call('sign', 1, warmMs);
      const sign = 1e6 / (await program.call('sign', 1, ms));
      await program.call('repeat', 'verify', warmMs);
      const verify = 1e6 / (await program.call('repeat', 'verify', ms));
      await program.kill();
      return { sign, verify };
    };
    const measured = await alternate({ sealwire, ws, bare, rsa }, repetitions);
    const sum = measured.ws.micros.map(
      (micros, n) => micros + (measured.rsa.sign[n] ?? 0) + (measured.rsa.verify[n] ?? 0),
    );
    return [
      ratio('a call : the sum', measured.sealwire.micros, sum, { most: 1.3 }),
      ratio('a call : the steps in turn', measured.sealwire.micros, measured.bare.micros),
      ratio('the steps in turn : the sum', measured.bare.micros, sum),
      repeated('a call', measured.sealwire.micros, 'µs'),
      repeated('the steps in turn', measured.bare.micros, 'µs'),
      repeated('the sum', sum, 'µs'),
      repeated('one signature, off the thread', measured.rsa.sign, 'µs'),
      repeated('one verification', measured.rsa.verify, 'µs'),
      repeated('raw ws round trip', measured.ws.micros, 'µs'),
    ];
  },
};
