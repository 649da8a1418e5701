import type { Benchmark, Lab } from '../benchmark.js';
import { alternate } from '../lab/alternate.js';
import { ratio, repeated, thousands } from '../lab/figures.js';
import { paceOf, type RunPace } from '../lab/pace.js';
import { pushThrough, sealwirePair } from '../lab/pushing.js';
import type { StorePlan } from '../lab/store-plan.js';
import type { LmdbWriterCalls } from '../programs/lmdb-writer.js';

const burst = 64;

export const pushDurable: Benchmark = {
  name: 'push-durable',
  measures:
    'the push with the LMDB store, nothing sent before it is flushed; beside the memory store, and beside one process that only writes the same rows to lmdb, flushed',
  target: '0.5 of the memory store; 0.7 of raw lmdb',
  covers: [],
  async run(lab, scale) {
    const pace = paceOf[scale];
    const push = (store: StorePlan) =>
      pushThrough(sealwirePair(lab, { clients: 1, store, hardening: 'off' }), { clients: 1, burst }, pace);
    const { durable, memory, lmdb } = await alternate(
      {
        durable: () => push({ kind: 'lmdb', path: lab.folder() }),
        memory: () => push({ kind: 'memory' }),
        lmdb: () => writeRows(lab, pace),
      },
      pace.repetitions,
    );
    return [
      ratio('LMDB store : memory store', durable.rate, memory.rate, { least: 0.5 }),
      ratio('LMDB store : raw lmdb', durable.rate, lmdb.rate, { least: 0.7 }),
      repeated('LMDB store', thousands(durable.rate), 'thousand/s'),
      repeated('memory store', thousands(memory.rate), 'thousand/s'),
      repeated('raw lmdb', thousands(lmdb.rate), 'thousand/s'),
      repeated('CPU of the server, LMDB store', durable.serverCpu, 'µs'),
      repeated('CPU of the server, memory store', memory.serverCpu, 'µs'),
      repeated('CPU of raw lmdb', lmdb.cpu, 'µs'),
    ];
  },
};

async function writeRows(lab: Lab, { warmMs, ms }: RunPace) {
  const writer = lab.program<LmdbWriterCalls>('lmdb-writer');
  await writer.call('start', lab.folder());
  await writer.call('write', burst, warmMs);
  const before = await writer.call('cpu');
  const { rate, seconds } = await writer.call('write', burst, ms);
  const cpu = (1_000 * ((await writer.call('cpu')) - before)) / (rate * seconds);
  await writer.kill();
  return { rate, cpu };
}
