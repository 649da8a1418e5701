import type { Commit, SavedClient } from '@sealwire/store';
import { SimClock, SimDatabase, seededRandom } from '@sealwire/testing';
import { describe, expect, it } from 'vitest';
import { secret } from '../src/actors/payloads.js';
import { Effects } from '../src/oracle/effects.js';
import { Journal } from '../src/oracle/journal.js';
import { Receipts } from '../src/oracle/receipts.js';
import { RequestLedger } from '../src/oracle/requests.js';
import { scanForSecret } from '../src/oracle/scan.js';
import { Sends } from '../src/oracle/sends.js';

const text = new TextEncoder();

function oracle(forgottenUpTo = -1n) {
  const clock = new SimClock();
  const journal = new Journal(clock, true);
  const effects = new Effects(journal);
  const pace = { flush: 1, tell: 0 };
  const options = { pace, maxEntries: 10, orderStep: 1 };
  const database = new SimDatabase(clock, seededRandom('test'), options, effects);
  const saved: SavedClient = {
    savedOrder: -1n,
    reservedOrder: -1n,
    nextIndex: 1n,
    sequenceOffset: 0n,
    outbox: [{ index: 0n, json: Uint8Array.of(1) }],
    pin: undefined,
  };
  const sends = new Sends(
    'a',
    journal,
    effects,
    true,
    () => saved,
    () => forgottenUpTo,
  );
  const receipts = new Receipts('a', journal, effects, database);
  return { journal, effects, sends, receipts, broken: () => journal.violation?.invariant };
}

function effect(sequence: bigint, n: number, count: number): Commit {
  return {
    session: { clientId: 'a', epoch: 1n },
    sequence,
    puts: [
      { key: `effect/a/${n}`, value: text.encode('0') },
      { key: 'count/a', value: text.encode(String(count)) },
    ],
  };
}

/** Its effect says that something was published. */
function withPublish(commit: Commit): Commit {
  const [first, ...others] = commit.puts ?? [];
  return { ...commit, puts: [{ key: first?.key ?? '', value: text.encode('1') }, ...others] };
}

function publish(...ids: string[]): Commit {
  const publishes = ids.map((id) => ({
    clientId: 'a',
    json: text.encode(JSON.stringify({ id })),
    timestamp: 0,
  }));
  return { publishes };
}

describe('the oracle finds nothing in', () => {
  it('a history that is as it has to be', () => {
    const { effects, sends, receipts, broken } = oracle();
    sends.handedOver(0, 0n);
    effects.kept(effect(0n, 0, 1), []);
    effects.kept({ session: { clientId: 'a', epoch: 1n }, sequence: 1n, refusal: 'no to message 4' }, []);
    sends.settled(0, 0n, 'accepted', true);
    effects.kept(publish('x', 'y'), [1n, 5n]);
    const line = { last: undefined, gap: false };
    receipts.handed(line, 1n, 'x', false, true);
    receipts.handed(line, 5n, 'y', false, true);
    expect(broken()).toBeUndefined();
  });
});

describe('the oracle finds', () => {
  it.each<[string, string, readonly Commit[]]>([
    ['an effect that comes twice', 'I1', [effect(0n, 0, 1), effect(1n, 0, 2)]],
    ['a SEQUENCE without an effect', 'I1', [{ ...effect(0n, 0, 1), puts: [] }]],
    ['a refused message with effects', 'I1', [{ ...effect(0n, 0, 1), refusal: 'no to message 0' }]],
    ['a message without what its handler published', 'I1', [withPublish(effect(0n, 0, 1))]],
    ['memory and store that have parted', 'I1', [effect(0n, 0, 2)]],
    ['a hole in SEQUENCE', 'I2', [effect(0n, 0, 1), effect(2n, 1, 2)]],
    ['messages in the wrong order', 'I2', [effect(0n, 4, 1), effect(1n, 3, 2)]],
    [
      'a commit of an older session',
      'I6',
      [
        { ...effect(0n, 0, 1), session: { clientId: 'a', epoch: 2n } },
        { ...effect(1n, 1, 2), session: { clientId: 'a', epoch: 1n } },
      ],
    ],
  ])('%s', (_, invariant, commits) => {
    const { effects, broken } = oracle();
    for (const commit of commits) effects.kept(commit, []);
    expect(broken()).toBe(invariant);
  });

  it('an ORDER that goes back', () => {
    const { effects, broken } = oracle();
    effects.kept(publish('x', 'y'), [2n, 1n]);
    expect(broken()).toBe('I5');
  });

  it('a message that was published twice', () => {
    const { effects, broken } = oracle();
    effects.kept(publish('x', 'x'), [1n, 2n]);
    expect(broken()).toBe('I1');
  });

  it('an epoch that is given again, and a commit under another one than the owner', () => {
    const claimed = oracle();
    claimed.effects.claimed('a', 3n, 3n);
    expect(claimed.broken()).toBe('I6');
    const staged = oracle();
    staged.effects.staged(effect(0n, 0, 1), 2n);
    expect(staged.broken()).toBe('I6');
  });

  it('a message that was handed over and is on no disk', () => {
    const { sends, broken } = oracle();
    sends.handedOver(3, 7n);
    expect(broken()).toBe('I3');
  });

  it('an outcome that is not on the disk, or another one', () => {
    const early = oracle();
    early.sends.settled(0, 0n, 'accepted', true);
    expect(early.broken()).toBe('I3');
    const other = oracle();
    other.effects.kept(effect(0n, 0, 1), []);
    other.sends.settled(0, 0n, 'refused', true);
    expect(other.broken()).toBe('I1');
  });

  it('an outcome that nobody tells, though the refusals up to there are remembered', () => {
    const remembered = oracle(0n);
    remembered.effects.kept(effect(0n, 0, 1), []);
    remembered.sends.settled(0, 0n, 'consumed', true);
    expect(remembered.broken()).toBeUndefined();
    remembered.effects.kept(effect(1n, 1, 2), []);
    remembered.sends.settled(1, 1n, 'consumed', true);
    expect(remembered.broken()).toBe('I1');
  });

  it('two messages with one SEQUENCE', () => {
    const { sends, broken } = oracle();
    sends.handedOver(0, 0n);
    sends.handedOver(1, 0n);
    expect(broken()).toBe('I2');
  });

  it('a LAST SEEN SEQUENCE that goes back', () => {
    const { sends, effects, broken } = oracle();
    effects.kept(effect(0n, 0, 1), []);
    sends.live(0n, true);
    sends.live(-1n, true);
    expect(broken()).toBe('I5');
  });

  it('a message that was handed over and never handled', () => {
    const { sends, broken } = oracle();
    sends.handedOver(0, 0n);
    sends.finish();
    expect(broken()).toBe('I3');
  });

  it.each<[string, readonly [bigint, string, boolean][]]>([
    ['left out', [[2n, 'y', false]]],
    ['of another ORDER', [[1n, 'y', false]]],
    ['not on the disk', [[9n, 'z', false]]],
    [
      'in the wrong order',
      [
        [1n, 'x', false],
        [2n, 'y', false],
        [1n, 'x', true],
      ],
    ],
  ])('a message to the client that is %s', (_, handed) => {
    const { effects, receipts, broken } = oracle();
    effects.kept(publish('x', 'y'), [1n, 2n]);
    const line = { last: undefined, gap: false };
    for (const [order, id, again] of handed) receipts.handed(line, order, id, again, true);
    expect(broken()).toBe('I4');
  });

  it('a message that comes again to a new process without being marked', () => {
    const { effects, receipts, broken } = oracle();
    effects.kept(publish('x'), [1n]);
    receipts.handed({ last: undefined, gap: false }, 1n, 'x', false, true);
    receipts.handed({ last: undefined, gap: false }, 1n, 'x', true, true);
    expect(broken()).toBeUndefined();
    receipts.handed({ last: undefined, gap: false }, 1n, 'x', false, true);
    expect(broken()).toBe('I4');
  });

  it('a request that is made twice, unless it may be', () => {
    const { journal, broken } = oracle();
    const requests = new RequestLedger(journal);
    requests.made(1, true);
    requests.made(2, false);
    for (const id of [1, 1, 2]) requests.asked('a', id);
    expect(broken()).toBeUndefined();
    requests.asked('a', 2);
    expect(broken()).toBe('RPC');
  });

  it('a payload in the cause of an error', () => {
    const { journal, broken } = oracle();
    scanForSecret(journal, new Error('fine', { cause: new Error('fine too') }));
    expect(broken()).toBeUndefined();
    scanForSecret(journal, new Error('fine', { cause: new Error(`got ${secret}`) }));
    expect(broken()).toBe('I9');
  });
});
