import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { corpusFolder, readCorpus } from '../dist/engine/corpus.js';
import { blocksOf } from '../dist/engine/coverage.js';
import { keepFinding } from '../dist/run/findings.js';
import { makeTasks } from '../dist/run/tasks.js';
import { targets } from '../dist/targets/index.js';
import { findingOf, real, run } from './tools.js';

const timeout = 300_000;
const exec = promisify(execFile);
const cli = fileURLToPath(new URL('../dist/run/cli.js', import.meta.url));

describe.each(targets.map((target) => [target.name, target] as const))('%s', (name, { share = 1, seeds }) => {
  const corpus = readCorpus(name).map(({ bytes }) => bytes);

  it('holds for its corpus and for generated inputs, and reaches its code', { timeout }, async () => {
    const runs = seeds().length + corpus.length + Math.ceil(2_000 * Math.min(1, share));
    const result = await run(name, { module: real, runs, corpus });
    expect(findingOf(result)).toBeUndefined();
    if ('words' in result) return;
    expect(result.executions).toBe(runs);
    const blocks = [...result.sources.values()].map(blocksOf);
    const total = blocks.reduce((sum, each) => sum + each.total, 0);
    const missed = blocks.reduce((sum, each) => sum + each.missed.length, 0);
    expect(total).toBeGreaterThan(0);
    expect((total - missed) / total).toBeGreaterThan(0.6);
  });

  it('has a small corpus', () => {
    expect(corpus.length).toBeGreaterThan(0);
    for (const { length } of corpus) expect(length).toBeLessThanOrEqual(65_536);
  });
});

describe('the corpus', () => {
  it('is less than a megabyte', () => {
    const files = targets.flatMap(({ name }) =>
      readCorpus(name).map((entry) => join(corpusFolder, name, entry.name)),
    );
    expect(files.reduce((sum, file) => sum + statSync(file).size, 0)).toBeLessThan(1_000_000);
  });
});

describe('the tasks', () => {
  it('share the runs out and name each by seed, target and part', () => {
    const tasks = makeTasks(targets, 3_000_000, 's');
    const sum = tasks.reduce((total, { runs }) => total + runs, 0);
    expect(Math.abs(sum - 3_000_000)).toBeLessThan(targets.length);
    expect(Math.max(...tasks.map(({ runs }) => runs))).toBeLessThanOrEqual(100_000);
    expect(new Set(tasks.map(({ seed }) => seed)).size).toBe(tasks.length);
    expect(new Set(tasks.slice(0, targets.length).map(({ target }) => target)).size).toBe(targets.length);
  });
});

describe('the command', () => {
  it('runs one input again', { timeout }, async () => {
    const [entry] = readCorpus('framing-hello');
    const file = join(corpusFolder, 'framing-hello', entry?.name ?? '');
    const { stdout } = await exec(process.execPath, [cli, '--target', 'framing-hello', '--input', file]);
    expect(stdout).toMatch(/^framing-hello: slowest call \d+\.\d\d ms\n$/);
  });

  it('runs some inputs and says what it reached', { timeout }, async () => {
    const { stdout } = await exec(process.execPath, [cli, '--target', 'framing-hello', '--runs', '2000']);
    expect(stdout).toMatch(/^framing-hello +2000 +\d+\/\d+/m);
    expect(stdout).toMatch(/^2000 of 2000 executions from seed 1: 0 violations/m);
  });

  it('refuses a target that does not exist', { timeout }, async () => {
    await expect(exec(process.execPath, [cli, '--target', 'nothing'])).rejects.toMatchObject({ code: 2 });
  });

  it('keeps what broke as a file, and shows it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sealwire-findings-'));
    try {
      const input = Uint8Array.of(0xab, 0xcd);
      const words = keepFinding(folder, 'toy', { kind: 'rule', words: 'it does not hold', input });
      expect(words).toContain('toy: rule: it does not hold');
      expect(words).toContain('2 bytes: abcd');
      const file = words.split('--input ')[1] ?? '';
      expect([...readFileSync(file)]).toEqual([0xab, 0xcd]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
