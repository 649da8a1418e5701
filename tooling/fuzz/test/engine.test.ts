import { describe, expect, it } from 'vitest';
import { fuzz } from '../src/engine/engine.js';
import { declared } from '../src/engine/probe.js';
import type { Target } from '../src/engine/target.js';
import { findingOf, run } from './tools.js';
// @ts-expect-error It is plain JavaScript, because a thread loads it as it is.
import { decodeToy } from './toy-decoder.mjs';

const timeout = 120_000;

describe('the engine', () => {
  it('finds a fault behind five bytes by the code that it reaches', { timeout }, async () => {
    const finding = findingOf(await run('deep', { runs: 60_000 }));
    expect(finding).toMatchObject({ kind: 'undeclared error', words: expect.stringContaining('TypeError') });
    expect([...(finding?.input ?? [])].map((byte) => byte >> 4)).toEqual([0x5, 0x7, 0x3, 0xc, 0xa]);
  });

  it('does not find it without looking at the code', { timeout }, async () => {
    const toyErrors = declared('ToyError', ['E_TOY']);
    const target: Target = {
      name: 'blind',
      sources: [],
      seeds: () => [new Uint8Array(8)],
      run: (input, probe) => void probe.call(input.length, toyErrors, () => decodeToy(input)),
    };
    const result = await fuzz(target, { seed: 'test', runs: 60_000, corpus: [], urls: [] });
    expect(result).toMatchObject({ executions: 60_000, finding: undefined });
  });

  it('finds a call that takes longer than 50 ms', { timeout }, async () => {
    const finding = findingOf(await run('slow', { runs: 5_000 }));
    expect(finding?.kind).toBe('time');
    expect(finding?.input[3]).toBe(1);
  });

  it('takes no call for slow that is so only once', { timeout }, async () => {
    expect(await run('slow-once', { runs: 2_000 })).toMatchObject({ executions: 2_000, finding: undefined });
  });

  it.each(['greedy-buffer', 'greedy-objects'])(
    'finds a call that allocates too much: %s',
    { timeout },
    async (name) => {
      const finding = findingOf(await run(name, { runs: 20_000 }));
      expect(finding).toMatchObject({
        kind: 'memory',
        words: expect.stringMatching(/^allocated more than \d+ bytes/),
      });
    },
  );

  it('finds a loop without an end, and tells its input', { timeout }, async () => {
    const finding = findingOf(await run('endless', { runs: 20_000, patience: 4_000 }));
    expect(finding).toMatchObject({ kind: 'hang' });
    expect(finding?.input[1]).toBe(0x80);
  });

  it('takes a fault of a target for a finding, and cuts its input down', { timeout }, async () => {
    const finding = findingOf(await run('broken-rule'));
    expect(finding).toMatchObject({ kind: 'rule', words: expect.stringContaining('RangeError') });
    expect(finding?.input.length).toBe(13);
  });

  it('runs a sound target to the end', { timeout }, async () => {
    expect(await run('sound', { runs: 3_000 })).toMatchObject({ executions: 3_000, finding: undefined });
  });

  it('runs the corpus before anything else', { timeout }, async () => {
    const corpus = [Uint8Array.of(0x50, 0x70, 0x30, 0xc0, 0xa0)];
    expect(findingOf(await run('deep', { runs: 2, corpus }))?.kind).toBe('undeclared error');
  });

  it('makes the same inputs of the same seed', { timeout }, async () => {
    const inputs = async (seed: string): Promise<string> => {
      const seen: string[] = [];
      const target: Target = {
        name: 'listener',
        sources: [],
        seeds: () => [new Uint8Array(8)],
        run: (input) => void seen.push(Buffer.from(input).toString('hex')),
      };
      await fuzz(target, { seed, runs: 500, corpus: [], urls: [] });
      return seen.join();
    };
    expect(await inputs('a')).toBe(await inputs('a'));
    expect(await inputs('a')).not.toBe(await inputs('b'));
  });
});
