import { readCorpus, writeCorpus } from '../engine/corpus.js';
import { Coverage } from '../engine/coverage.js';
import { judge } from '../engine/engine.js';
import { Probe } from '../engine/probe.js';
import type { Target } from '../engine/target.js';
import { sourceUrls } from './source-urls.js';

/** Writes the smallest inputs that together reach all that the seeds, the corpus and the new ones reach. */
export async function grow(target: Target, found: readonly Uint8Array[]): Promise<void> {
  const corpus = readCorpus(target.name).map(({ bytes }) => bytes);
  const all = [...target.seeds(), ...corpus, ...found].sort((one, other) => one.length - other.length);
  const coverage = new Coverage(sourceUrls(target));
  const kept: Uint8Array[] = [];
  for (const input of all) {
    if ((await judge(target, input, new Probe())) !== undefined) continue;
    const painted = coverage.take();
    if (!coverage.isNew(painted)) continue;
    coverage.keep(painted);
    kept.push(input);
  }
  coverage.stop();
  writeCorpus(target.name, kept);
  const bytes = kept.reduce((sum, { length }) => sum + length, 0);
  console.log(`${target.name}: ${kept.length} inputs, ${bytes} bytes`);
}
