import type { Benchmark } from '../benchmark.js';
import { ratio, repeated, thousands } from '../lab/figures.js';
import { loopRates } from '../lab/looping.js';
import { paceOf } from '../lab/pace.js';

const names = [
  'encode',
  'decode',
  'jsXdrEncode',
  'jsXdrDecode',
  'handEncode',
  'handDecode',
  'tunedEncode',
  'tunedDecode',
] as const;

export const xdr: Benchmark = {
  name: 'xdr',
  measures:
    "{enum, hyper, double, opaque[200]} encoded into the caller's buffer and decoded by view, beside `@stellar/js-xdr` 5 and codecs written by hand for that struct (with a `DataView`; byte by byte), in one process",
  target: '12 and 4 times js-xdr; 0.7 and 0.5 of the codec written with a DataView',
  covers: [],
  async run(lab, scale) {
    const rates = await loopRates(lab, 'xdr', names, paceOf[scale]);
    return [
      ratio('encode : js-xdr', rates.encode, rates.jsXdrEncode, { least: 12 }),
      ratio('decode : js-xdr', rates.decode, rates.jsXdrDecode, { least: 4 }),
      ratio('encode : by hand', rates.encode, rates.handEncode, { least: 0.7 }),
      ratio('decode : by hand', rates.decode, rates.handDecode, { least: 0.5 }),
      ratio('encode : byte by byte', rates.encode, rates.tunedEncode),
      ratio('decode : byte by byte', rates.decode, rates.tunedDecode),
      repeated('encode', thousands(rates.encode), 'thousand/s'),
      repeated('decode', thousands(rates.decode), 'thousand/s'),
      repeated('encode, js-xdr', thousands(rates.jsXdrEncode), 'thousand/s'),
      repeated('decode, js-xdr', thousands(rates.jsXdrDecode), 'thousand/s'),
      repeated('encode, by hand', thousands(rates.handEncode), 'thousand/s'),
      repeated('decode, by hand', thousands(rates.handDecode), 'thousand/s'),
    ];
  },
};
