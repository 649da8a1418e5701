import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nameOf } from '../engine/corpus.js';
import type { Finding } from '../engine/engine.js';

/** More hexadecimal digits than these are in the file only. */
const shownBytes = 512;

/** Keeps the input as a file of `folder` and says what is wrong with it and how to run it again. */
export function keepFinding(folder: string, target: string, { kind, words, input }: Finding): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${target}-${nameOf(input)}`);
  writeFileSync(file, input);
  const hex = Buffer.from(input.subarray(0, shownBytes)).toString('hex');
  return [
    `${target}: ${kind}: ${words}`,
    `  ${input.length} bytes: ${hex}${input.length > shownBytes ? '…' : ''}`,
    `  pnpm --filter @sealwire/fuzz fuzz -- --target ${target} --input ${file}`,
  ].join('\n');
}
