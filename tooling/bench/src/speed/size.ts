import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import type { Benchmark, Figure } from '../benchmark.js';

const client = `
  export { connect } from '@sealwire/client';
  export { dialWebSocket } from '@sealwire/transport-ws';
`;
const xdr = `export * from '@sealwire/xdr';`;

/** Taken out of the page one after the other, each before what needs it; what is left is `client` itself. */
const parts = [
  '@noble/ciphers',
  '@noble/hashes',
  '@sealwire/crypto',
  '@sealwire/xdr',
  '@sealwire/framing',
  '@sealwire/session',
  '@sealwire/store',
  '@sealwire/transport-ws',
  '@sealwire/transport',
];

export const size: Benchmark = {
  name: 'size',
  measures:
    'what a page loads: the client with its WebSocket and its cryptography, and xdr alone, bundled by esbuild, minified, gzip',
  target: '15 kB and 3 kB',
  covers: [],
  async run() {
    const [whole, codecs] = [await bundled(client), await bundled(xdr)];
    return [
      { what: 'client, gzip', value: whole.gzip, unit: 'kB', most: 15, reached: 41.1 },
      { what: 'xdr, gzip', value: codecs.gzip, unit: 'kB', most: 3, reached: 3.45 },
      { what: 'client, minified', value: whole.minified, unit: 'kB' },
      { what: 'xdr, minified', value: codecs.minified, unit: 'kB' },
      ...(await shares(whole.gzip)),
    ];
  },
};

async function shares(whole: number): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  let before = whole;
  for (const [index, part] of parts.entries()) {
    const { gzip } = await bundled(client, parts.slice(0, index + 1));
    figures.push({ what: `${part} in it, gzip`, value: before - gzip, unit: 'kB' });
    before = gzip;
  }
  return [...figures, { what: '@sealwire/client itself, gzip', value: before, unit: 'kB' }];
}

/** @param external packages that are not bundled */
async function bundled(contents: string, external: readonly string[] = []) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    legalComments: 'none',
    write: false,
    external: [...external],
  });
  const bytes = outputFiles[0]?.contents ?? new Uint8Array();
  return { minified: bytes.length / 1_000, gzip: gzipSync(bytes, { level: 9 }).length / 1_000 };
}
