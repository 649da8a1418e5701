import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import type { Benchmark } from '../benchmark.js';

const client = `
  export { connect } from '@sealwire/client';
  export { dialWebSocket } from '@sealwire/transport-ws';
`;
const xdr = `export * from '@sealwire/xdr';`;

export const size: Benchmark = {
  name: 'size',
  measures:
    'what a page loads: the client with its WebSocket and its cryptography, and xdr alone, bundled by esbuild, minified, gzip',
  target: '15 kB and 3 kB',
  covers: [],
  async run() {
    const [whole, codecs] = [await bundled(client), await bundled(xdr)];
    return [
      { what: 'client, gzip', value: whole.gzip, unit: 'kB', most: 15, reached: 41.5 },
      { what: 'xdr, gzip', value: codecs.gzip, unit: 'kB', most: 3, reached: 3.45 },
      { what: 'client, minified', value: whole.minified, unit: 'kB' },
      { what: 'xdr, minified', value: codecs.minified, unit: 'kB' },
    ];
  },
};

async function bundled(contents: string) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    legalComments: 'none',
    write: false,
  });
  const bytes = outputFiles[0]?.contents ?? new Uint8Array();
  return { minified: bytes.length / 1_000, gzip: gzipSync(bytes, { level: 9 }).length / 1_000 };
}
