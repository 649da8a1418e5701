import { type Mutant, mutant } from './mutant.js';

const database = 'testing/disk/database.js';
const disk = 'testing/disk/disk.js';
const partition = 'testing/disk/partition.js';

/** Faults of a store, made in the simulated one: what somebody who writes a store may get wrong. */
export const storeMutants: readonly Mutant[] = [
  mutant(
    'no-fence',
    'the store takes commits of any epoch',
    'I6',
    database,
    'session.epoch !== owner?.epoch',
    'false',
  ),
  mutant('epoch-repeated', 'a claim gives the epoch of before', 'I6', database, 'staged.epoch += 1n;', ''),
  mutant(
    'confirm-before-flush',
    'a commit is confirmed when it is staged',
    'I3',
    disk,
    'this.#staged.push(step);',
    'this.#staged.push(step);\n        step.tell();',
  ),
  mutant(
    'failed-flush-confirmed',
    'a flush that failed is confirmed',
    'I3',
    disk,
    'step.drop(error);',
    'step.tell();',
  ),
  mutant(
    'hole-after-rollback',
    'what was staged after a failed flush is kept',
    'I2',
    disk,
    'const lost = [...batch, ...this.#staged];\n        this.#staged = [];',
    'const lost = batch;',
  ),
  {
    id: 'staged-is-read',
    breaks: 'readers see what is not flushed',
    invariant: 'I3',
    edits: [
      { file: database, find: 'if (this.disk.idle)', replace: 'if (true)' },
      {
        file: database,
        find: 'const { lastSequence, head, removedUpTo, layout, epoch } = this.#durable(clientId);',
        replace:
          'const { head, removedUpTo, layout, epoch } = this.#durable(clientId);\n        const { lastSequence } = this.#stagedOf(clientId);',
      },
    ],
  },
  mutant(
    'epochs-rolled-back',
    'a flush that fails takes epochs along that sessions have',
    'STOP',
    database,
    'if (crashed)',
    'if (true)',
  ),
  mutant(
    'claim-waits-for-flush',
    'with a slow disk nobody gets in',
    'I8',
    database,
    'await before;',
    'await done.promise;',
  ),
  mutant(
    'log-off-by-one',
    'a reader misses the message right behind its cursor',
    'I4',
    database,
    '.order > after)',
    '.order > after + 1n)',
  ),
  {
    id: 'duplicate-delivered',
    breaks: 'the message at the cursor is sent again and taken again',
    invariant: 'I4',
    edits: [
      { file: database, find: '.order > after)', replace: '.order >= after)' },
      { file: 'session/client-session.js', find: 'if (order <= this.#lastOrder) {', replace: 'if (false) {' },
    ],
  },
  mutant(
    'sequence-unchecked',
    'the store takes any SEQUENCE, and a rolled back one again',
    'I2',
    database,
    'if (sequence !== owner.lastSequence + 1n)',
    'if (false)',
  ),
  mutant(
    'order-repeated',
    'an ORDER is given twice',
    'I5',
    database,
    'const staged = { lastSequence, epoch, head };',
    'const staged = { lastSequence, epoch, head: head > 0n ? head - 1n : head };',
  ),
  mutant(
    'refusals-lost',
    'the store forgets refusals',
    'I1',
    database,
    'owner.refusals.push({ sequence, reason: refusal });',
    '{ }',
  ),
  mutant(
    'refusals-forgotten-untold',
    'the store forgets refusals and does not say so',
    'I1',
    database,
    'client.refusalsRemovedUpTo = client.refusals.shift()?.sequence ?? client.refusalsRemovedUpTo;',
    'client.refusals.shift();',
  ),
  mutant(
    'watchers-miss-others',
    'only the client whose message it is hears of what was published',
    'I7',
    database,
    'shorten(to, this.#options.maxEntries);\n            this.watchers.moved(clientId);',
    'shorten(to, this.#options.maxEntries);\n            if (clientId === session?.clientId) this.watchers.moved(clientId);',
  ),
  mutant(
    'confirmed-when-sent',
    'a node confirms what is on its way to the store, which it may not reach',
    'I3',
    partition,
    'const flushed = promised();',
    'const flushed = promised();\n            flushed.resolve((commit.publishes ?? []).map(() => 0n));',
  ),
  mutant(
    'cut-off-forgets',
    'what a node could not send to the store is never sent',
    'I7',
    partition,
    'this.#waiting.push(run);',
    '{ }',
  ),
];
