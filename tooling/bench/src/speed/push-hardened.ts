import type { Benchmark } from '../benchmark.js';
import { alternate } from '../lab/alternate.js';
import { ratio, repeated, thousands } from '../lab/figures.js';
import { loopRates } from '../lab/looping.js';
import { paceOf } from '../lab/pace.js';
import { pushThrough, sealwirePair } from '../lab/pushing.js';

export const pushHardened: Benchmark = {
  name: 'push-hardened',
  measures:
    'the push in a hardened session, whose IVs are an HMAC of number and content, beside the same without; and what one thread seals and opens with such IVs when it does nothing else, which is the limit',
  target: '0.4 of the rate without',
  covers: [],
  async run(lab, scale) {
    const pace = paceOf[scale];
    const plan = { clients: 1, burst: 64 };
    const push = (hardening: 'off' | 'require') =>
      pushThrough(sealwirePair(lab, { clients: 1, store: { kind: 'memory' }, hardening }), plan, pace);
    const { hardened, plain } = await alternate(
      { hardened: () => push('require'), plain: () => push('off') },
      pace.repetitions,
    );
    const alone = await loopRates(lab, 'seal', ['sealSynthetic', 'openSynthetic'], pace);
    return [
      ratio('hardened : not', hardened.rate, plain.rate, { least: 0.4 }),
      repeated('hardened', thousands(hardened.rate), 'thousand/s'),
      repeated('not hardened', thousands(plain.rate), 'thousand/s'),
      repeated('CPU of the server, hardened', hardened.serverCpu, 'µs'),
      repeated('CPU of the client, hardened', hardened.clientCpu, 'µs'),
      repeated('sealing with such IVs alone', thousands(alone.sealSynthetic), 'thousand/s'),
      repeated('opening with such IVs alone', thousands(alone.openSynthetic), 'thousand/s'),
    ];
  },
};
