import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@sealwire/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { Journal, journalPath, readJournal, readJournals } from '../src/journal.js';
import { recall } from '../src/programs/memory.js';
import type { ClientRecord, ServerRecord } from '../src/records.js';
import { readOptions } from '../src/run/options.js';
import { clientDeath, nameOf, serverDeath } from '../src/run/plan.js';
import { recoveries, tooSlow } from '../src/run/recovery.js';
import { p99 } from '../src/run/tally.js';

const folder = mkdtempSync(join(tmpdir(), 'sealwire-crash-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a journal', () => {
  it('gives back what was written, by process, and drops the line within which a process died', () => {
    for (const boot of [1, 2]) {
      const journal = new Journal<ClientRecord>(journalPath(folder, 'alice', boot));
      journal.write({ kind: 'boot', boot, nextN: 0, done: '0' });
      journal.close();
    }
    writeFileSync(journalPath(folder, 'alice', 2), '{"kind":"se', { flag: 'a' });
    expect(readJournals<ClientRecord>(folder, 'alice')).toMatchObject([
      { kind: 'boot', boot: 1 },
      { kind: 'boot', boot: 2 },
    ]);
    expect(readJournal(join(folder, 'nobody'))).toEqual([]);
  });

  it('tells the application where it was, also after a process that died before its first line', () => {
    const journal = new Journal<ClientRecord>(journalPath(folder, 'bob', 1));
    journal.write({ kind: 'boot', boot: 1, nextN: 3, done: '7' });
    journal.write({ kind: 'send', n: 3 });
    journal.write({ kind: 'done', order: '8' });
    journal.close();
    writeFileSync(journalPath(folder, 'bob', 2), '');
    expect(recall(folder, 'bob', 3)).toEqual({ nextN: 4, done: 8n });
    expect(recall(folder, 'bob', 1)).toEqual({ nextN: 0, done: 0n });
  });
});

describe('a plan', () => {
  it('is the same for the same seed, and comes to every kind of death', () => {
    const drawn = (seed: number) => {
      const random = seededRandom(seed);
      return Array.from({ length: 300 }, () => [nameOf(serverDeath(random)), nameOf(clientDeath(random))]);
    };
    expect(drawn(1)).toEqual(drawn(1));
    expect(drawn(1)).not.toEqual(drawn(2));
    const names = (index: number) => new Set(drawn(1).map((pair) => pair[index]));
    expect([...names(0)].sort().join()).toBe(
      'answer,claim,claimed,drain,early,flushed,handler,hello,random,replay,staged',
    );
    expect([...names(1)].sort().join()).toBe(
      'append,appended,done,early,full,got,random,reserved,saved,saving',
    );
  });
});

describe('the time to recover', () => {
  it('is from listening to the first outcome of any client, or the life of a server that gave none', () => {
    const server = [10, 100, 200, 300, 2_000].map(
      (at, index) => ({ at, kind: 'listening', boot: index + 1 }) satisfies ServerRecord,
    );
    const outcome = (at: number): ClientRecord => ({
      ...{ at, kind: 'outcome', n: 0, sequence: '0', outcome: 'accepted' },
    });
    const diedAt = new Map([
      [1, 90],
      [2, 190],
      [3, 290],
      [4, 1_990],
    ]);
    const clients = [
      [outcome(20), outcome(150)],
      [outcome(140), outcome(2_030)],
    ];
    // The first restarts from nothing, the third died too early to tell, the fourth lived too long without one.
    expect([...recoveries(server, clients, diedAt, 1_000)]).toEqual([
      [2, 40],
      [4, 1_690],
      [5, 30],
    ]);
  });

  it('is summed up by what 99 of 100 do not exceed', () => {
    expect(p99(Array.from({ length: 200 }, (_, n) => n + 1))).toBe(198);
    expect(p99([7])).toBe(7);
    expect(p99([])).toBeUndefined();
  });

  it('is too slow if more than one restart in a hundred was, and more than one', () => {
    const run = (fast: number, slow: number) => [...Array(fast).fill(1_000), ...Array(slow).fill(1_001)];
    expect(tooSlow(run(18, 1))).toBe(false);
    expect(tooSlow(run(18, 2))).toBe(true);
    expect(tooSlow(run(297, 3))).toBe(false);
    expect(tooSlow(run(296, 4))).toBe(true);
  });
});

describe('options', () => {
  it('have the counts of CI as defaults and are refused by name', () => {
    expect(readOptions(['--', '--seed', '7'])).toEqual({
      ...{ seed: 7, server: 50, client: 25, clients: 3, keep: 2_000, keepFolder: false },
    });
    expect(() => readOptions(['--server', 'many'])).toThrow(
      '--server many is not a whole number from 0 to 100000',
    );
    expect(() => readOptions(['--sever', '1'])).toThrow(/--sever/);
    expect(readOptions(['--help'])).toBe('help');
  });
});
