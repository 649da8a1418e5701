import { describe, expect, it } from 'vitest';
import { mutants } from '../src/mutants/mutants.js';
import { patchedTree } from '../src/mutants/patched-tree.js';
import { defaultSize } from '../src/plan/make-plan.js';
import type { Batch, BatchResult } from '../src/run/batch.js';

/** Killed by one of the first schedules, one for each kind of invariant. */
const sample = ['send-before-durable', 'effects-lost', 'replay-unordered', 'no-fence', 'timer-left'];

describe('the list of mutants', () => {
  it('has at least 40, each with a name of its own', () => {
    expect(mutants.length).toBeGreaterThanOrEqual(40);
    expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length);
  });

  it('names texts that the built packages hold once, and leaves modules that load', async () => {
    const tree = patchedTree([]);
    try {
      for (const { edits } of mutants) for (const edit of edits) await tree.tryOut(edit);
    } finally {
      tree.remove();
    }
  });

  it('is refused where a text is not there', () => {
    expect(() => patchedTree([{ file: 'client/outbox.js', find: 'no such text', replace: '' }])).toThrow(
      'holds 0 times',
    );
  });
});

describe('a mutant', () => {
  it.each(sample)(
    'is killed within 20 schedules: %s',
    async (id) => {
      const tree = patchedTree(mutants.find((mutant) => mutant.id === id)?.edits ?? []);
      try {
        const { runBatch }: { runBatch(batch: Batch): Promise<BatchResult> } = await import(tree.module);
        const { failures } = await runBatch({ from: 1, count: 20, size: defaultSize, first: true });
        expect(failures).toHaveLength(1);
      } finally {
        tree.remove();
      }
    },
    300_000,
  );
});
