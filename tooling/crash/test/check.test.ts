import { describe, expect, it } from 'vitest';
import { check, type Evidence } from '../src/check/check.js';
import type { ClientTruth } from '../src/check/truth.js';
import type { ClientRecord, Effect, EventPayload, ServerRecord } from '../src/records.js';

type Untimed<R> = R extends unknown ? Omit<R, 'at'> : never;
const timed = <R>(records: readonly R[]) => records.map((record, at) => ({ at, ...record }));

interface World {
  alice: Untimed<ClientRecord>[];
  server: Untimed<ServerRecord>[];
  truth: { -readonly [K in keyof ClientTruth]: ClientTruth[K] } & {
    effects: Effect[];
    log: Map<bigint, EventPayload>;
  };
  bob: Map<bigint, EventPayload>;
}

const effectEvent = (n: number, part = 0): EventPayload => ({
  ...{ kind: 'effect', by: 'alice', sequence: String(n), n, part },
});
const news = (n: number): EventPayload => ({ kind: 'news', boot: 1, n });

/** Alice sends three messages, the second one tells bob; the server publishes two events; alice is killed once. */
function world(): World {
  const effects = [0, 1, 2].map((n) => ({
    sequence: String(n),
    n,
    to: n === 1 ? ['bob'] : [],
    boot: 1,
    tick: n + 1,
  }));
  const log = [effectEvent(0), news(1), effectEvent(1), news(2), effectEvent(2)];
  const sending = (n: number): Untimed<ClientRecord>[] => [
    { kind: 'send', n },
    { kind: 'sent', n, sequence: String(n) },
    { kind: 'outcome', n, sequence: String(n), outcome: 'accepted' },
  ];
  const got = (order: number, marked = false): Untimed<ClientRecord> => ({
    ...{ kind: 'got', order: String(order), marked, payload: log[order - 1] ?? news(0) },
  });
  const done = (order: number): Untimed<ClientRecord> => ({ kind: 'done', order: String(order) });
  return {
    alice: [
      { kind: 'boot', boot: 1, nextN: 0, done: '0' },
      { kind: 'live', lastSeen: '-1' },
      ...[...sending(0), got(1), done(1), ...sending(1), got(2), done(2), got(3)],
      { kind: 'boot', boot: 2, nextN: 2, done: '2' },
      { kind: 'live', lastSeen: '1' },
      ...[got(2, true), { kind: 'skipped', order: '2' } as const, got(3, true), done(3), got(4), done(4)],
      { kind: 'call', key: '2.0', after: '1' },
      { kind: 'answered', key: '2.0', last: '1' },
      ...[...sending(2), got(5), done(5)],
    ],
    server: [
      { kind: 'boot', boot: 1, positions: { alice: { lastSequence: '-1', head: '0' } } },
      { kind: 'published', boot: 1, n: 1, orders: { alice: '2' } },
      { kind: 'published', boot: 1, n: 2, orders: { alice: '4' } },
      { kind: 'boot', boot: 2, positions: { alice: { lastSequence: '2', head: '5' } } },
    ],
    truth: {
      ...{ lastSequence: 2n, head: 5n, removedUpTo: 0n, effects, marks: new Set(['2.0']) },
      log: new Map(log.map((event, index) => [BigInt(index + 1), event])),
    },
    bob: new Map([[1n, effectEvent(1, 1)]]),
  };
}

function rules(change: (world: World) => void): string[] {
  const changed = world();
  change(changed);
  const { alice, server, truth, bob } = changed;
  const bobTruth = {
    lastSequence: -1n,
    head: BigInt(bob.size),
    removedUpTo: 0n,
    effects: [],
    marks: new Set<string>(),
    log: bob,
  };
  const evidence: Evidence = {
    clients: new Map([['alice', timed(alice) as ClientRecord[]]]),
    server: timed(server) as ServerRecord[],
    truth: new Map([
      ['alice', truth],
      ['bob', bobTruth],
    ]),
  };
  return [...new Set(check(evidence).map(({ rule }) => rule))].sort();
}

/** The place of the `nth` record of a kind. */
function at({ alice }: World, kind: ClientRecord['kind'], nth = 0): number {
  const places = alice.flatMap((record, index) => (record.kind === kind ? [index] : []));
  return places[nth] ?? Number.NaN;
}

function drop(w: World, kind: ClientRecord['kind'], nth: number): void {
  w.alice.splice(at(w, kind, nth), 1);
}

function replace(
  w: World,
  kind: ClientRecord['kind'],
  nth: number,
  change: Partial<Record<string, unknown>>,
): void {
  const index = at(w, kind, nth);
  w.alice[index] = { ...w.alice[index], ...change } as Untimed<ClientRecord>;
}

function newsAt(w: World, place: number, n: number): void {
  w.truth.log.set(BigInt(place), news(n));
}

describe('the checker', () => {
  it('finds nothing where nothing is wrong', () => {
    expect(rules(() => {})).toEqual([]);
  });

  const cases: readonly [what: string, change: (w: World) => void, found: string[]][] = [
    [
      'an accepted message without an effect',
      (w) => {
        w.truth.effects.pop();
        w.truth.lastSequence = 1n;
        w.truth.log.set(5n, news(3));
        replace(w, 'got', 6, { payload: news(3) });
        w.server.pop();
      },
      ['lost'],
    ],
    [
      'a message that was handed over and never handled',
      (w) => {
        w.truth.effects.pop();
        w.truth.lastSequence = 1n;
        w.truth.log.set(5n, news(3));
        replace(w, 'got', 6, { payload: news(3) });
        drop(w, 'outcome', 2);
        w.server.pop();
      },
      ['lost'],
    ],
    [
      'an effect that happened twice',
      (w) => w.truth.effects.push({ ...w.truth.effects[1]!, tick: 9 }),
      ['sending-order', 'sequence', 'torn'],
    ],
    [
      'a message that was handled twice under two numbers',
      (w) => {
        w.truth.effects.push({ sequence: '3', n: 2, to: [], boot: 1, tick: 9 });
        w.truth.lastSequence = 3n;
        w.truth.log.set(6n, { kind: 'effect', by: 'alice', sequence: '3', n: 2, part: 0 });
        w.truth.head = 6n;
        w.alice.push(
          { kind: 'got', order: '6', marked: false, payload: w.truth.log.get(6n)! },
          { kind: 'done', order: '6' },
        );
      },
      ['sending-order'],
    ],
    [
      'effects in another order than their numbers',
      (w) => {
        w.truth.effects[0] = { ...w.truth.effects[0]!, tick: 9 };
      },
      ['sending-order', 'sequence'],
    ],
    [
      'numbers that belong to other messages',
      (w) => {
        replace(w, 'sent', 0, { sequence: '1' });
      },
      ['mixed-up'],
    ],
    ['an effect of a message that nobody sent', (w) => drop(w, 'send', 2), ['invented']],
    ['an outcome that is none of ours', (w) => replace(w, 'outcome', 1, { outcome: 'refused' }), ['outcome']],
    ['LAST SEEN SEQUENCE that goes back', (w) => replace(w, 'live', 0, { lastSeen: '2' }), ['went-back']],
    [
      'LAST SEEN SEQUENCE beyond the database',
      (w) => replace(w, 'live', 1, { lastSeen: '3' }),
      ['went-back'],
    ],
    [
      'a last SEQUENCE that goes back over a restart',
      (w) => {
        w.server[3] = { kind: 'boot', boot: 2, positions: { alice: { lastSequence: '3', head: '5' } } };
      },
      ['went-back'],
    ],
    [
      'an ORDER that goes back over a restart',
      (w) => {
        w.server[3] = { kind: 'boot', boot: 2, positions: { alice: { lastSequence: '2', head: '6' } } };
      },
      ['went-back'],
    ],
    [
      'an event that never came',
      (w) => {
        drop(w, 'got', 5);
        drop(w, 'done', 3);
      },
      ['hole'],
    ],
    [
      'an event that is missing at the end',
      (w) => {
        drop(w, 'got', 6);
        drop(w, 'done', 4);
      },
      ['lost'],
    ],
    [
      'a hole over a restart',
      (w) => {
        drop(w, 'got', 3);
        drop(w, 'skipped', 0);
        drop(w, 'got', 3);
        drop(w, 'done', 2);
      },
      ['hole'],
    ],
    [
      'an event that comes twice within a process',
      (w) => w.alice.splice(at(w, 'got', 6), 0, { kind: 'got', order: '4', marked: true, payload: news(2) }),
      ['order'],
    ],
    ['a repeat that is not marked', (w) => replace(w, 'got', 4, { marked: false }), ['unmarked']],
    [
      'an effect of an event that happened twice',
      (w) => replace(w, 'skipped', 0, { kind: 'done' }),
      ['doubled'],
    ],
    ['an altered event', (w) => newsAt(w, 4, 7), ['altered', 'lost']],
    [
      'an event that is not in the log',
      (w) => {
        w.alice.push(
          { kind: 'got', order: '6', marked: false, payload: news(3) },
          { kind: 'done', order: '6' },
        );
      },
      ['invented', 'lost'],
    ],
    [
      'a gap of which nobody was told',
      (w) => {
        w.truth.removedUpTo = 4n;
        for (const order of [1n, 2n, 3n, 4n]) w.truth.log.delete(order);
        drop(w, 'got', 5);
        drop(w, 'done', 3);
      },
      ['hole'],
    ],
    [
      'an effect without its event',
      (w) => {
        newsAt(w, 5, 3);
        replace(w, 'got', 6, { payload: news(3) });
      },
      ['torn'],
    ],
    ['an effect without its event at somebody else', (w) => w.bob.set(1n, news(1)), ['torn']],
    ['an event without its effect', (w) => w.bob.set(2n, effectEvent(2, 1)), ['torn']],
    ['an event twice in a log', (w) => w.bob.set(2n, effectEvent(1, 1)), ['doubled']],
    [
      'published events in another order',
      (w) => {
        newsAt(w, 2, 2);
        newsAt(w, 4, 1);
        for (const nth of [1, 3]) replace(w, 'got', nth, { payload: news(2) });
        replace(w, 'got', 5, { payload: news(1) });
        w.server.splice(1, 2);
      },
      ['publish-order'],
    ],
    [
      'a publish that was told to be durable and is not',
      (w) => {
        w.server[2] = { kind: 'published', boot: 1, n: 9, orders: { alice: '6' } };
      },
      ['lost'],
    ],
    [
      'a call that was answered and left nothing',
      (w) => {
        w.truth.marks = new Set();
      },
      ['lost'],
    ],
    [
      'an answer that had not seen what was sent before',
      (w) => replace(w, 'answered', 0, { last: '0' }),
      ['call-order'],
    ],
    [
      'a client that stopped',
      (w) => w.alice.push({ kind: 'stopped', code: 'E_DESYNC', message: '' }),
      ['stopped'],
    ],
  ];
  it.each(cases)('finds %s', (_what, change, found) => {
    expect(rules(change)).toEqual(found);
  });

  it('takes a gap of which the client was told, as far as the log is gone', () => {
    const told = (removedUpTo: bigint) =>
      rules((w) => {
        w.truth.removedUpTo = removedUpTo;
        for (let order = 1n; order <= removedUpTo; order += 1n) w.truth.log.delete(order);
        drop(w, 'got', 5);
        drop(w, 'done', 3);
        w.alice.splice(at(w, 'call'), 0, { kind: 'gap' });
      });
    expect(told(4n)).toEqual([]);
    expect(told(3n)).toEqual(['hole']);
  });

  it('says where in the journal it is', () => {
    const w = world();
    replace(w, 'got', 4, { marked: false });
    const [violation] = check({
      clients: new Map([['alice', timed(w.alice) as ClientRecord[]]]),
      server: [],
      truth: new Map([['alice', w.truth]]),
    }).filter(({ rule }) => rule === 'unmarked');
    expect(violation).toMatchObject({ journal: 'alice', index: at(w, 'got', 4) });
  });
});
