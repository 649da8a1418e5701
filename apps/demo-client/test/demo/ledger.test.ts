import { describe, expect, it } from 'vitest';
import { compare, type Item, makeLedger, type Row } from '../../src/demo/ledger.js';
import type { ServerRecord } from '../../src/demo/server-record.js';
import { tableText } from '../../src/demo/table.js';
import type { ClientRecord } from '../../src/journal.js';

const item = (number: number, payload: unknown = number): Item => ({ number: BigInt(number), payload });
const items = (...numbers: number[]) => numbers.map((number) => item(number));

describe('comparing what was given with what arrived', () => {
  it.each([
    ['nothing at all', [], { lost: 0, doubled: 0, reordered: 0, foreign: 0 }, []],
    ['the same', [1, 2, 3], { lost: 0, doubled: 0, reordered: 0, foreign: 0 }, [1, 2, 3]],
    ['one missing at the end', [1, 2], { lost: 1, doubled: 0, reordered: 0, foreign: 0 }, [1, 2, 3]],
    ['all missing', [], { lost: 3, doubled: 0, reordered: 0, foreign: 0 }, [1, 2, 3]],
    ['one twice in a row', [1, 2, 2, 3], { lost: 0, doubled: 1, reordered: 0, foreign: 0 }, [1, 2, 3]],
    ['one again later', [1, 2, 3, 1], { lost: 0, doubled: 1, reordered: 0, foreign: 0 }, [1, 2, 3]],
    ['two swapped', [2, 1, 3], { lost: 0, doubled: 0, reordered: 1, foreign: 0 }, [1, 2, 3]],
    ['the first one last', [2, 3, 1], { lost: 0, doubled: 0, reordered: 1, foreign: 0 }, [1, 2, 3]],
    ['one that nobody gave', [1, 9, 2, 3], { lost: 0, doubled: 0, reordered: 0, foreign: 1 }, [1, 2, 3]],
  ])('finds %s', (_, arrived, difference, given) => {
    expect(compare(items(...given), items(...arrived))).toEqual(difference);
  });

  it('tells an altered content from the one that was given', () => {
    expect(compare([item(1, { a: 1 })], [item(1, { a: 2 })])).toEqual({
      lost: 1,
      doubled: 0,
      reordered: 0,
      foreign: 1,
    });
  });
});

/** Journals of a run without a fault: five messages, their events, and one call. */
function journals() {
  const client: ClientRecord[] = [];
  const server: ServerRecord[] = [];
  for (let n = 0; n < 5; n += 1) {
    const sequence = String(n);
    const payload = { '@type': 'Order', n };
    const event = { '@type': 'Accepted', sequence, message: payload };
    client.push({ kind: 'sent', sequence, payload });
    server.push({ kind: 'handled', sequence, payload }, { kind: 'accepted', sequence });
    server.push({ kind: 'published', order: String(n + 1), payload: event });
    client.push({ kind: 'outcome', sequence, outcome: 'accepted' });
    client.push({ kind: 'received', order: String(n + 1), payload: event });
  }
  client.push({ kind: 'called', call: 0, payload: { '@type': 'Echo', n: 1 } });
  client.push({ kind: 'answered', call: 0, payload: { '@type': 'Echo', n: 1 } });
  return { client, server };
}

const row = (rows: readonly Row[], name: string) => rows.find((candidate) => candidate.name.startsWith(name));
const isReceived = (order: number) => (record: ClientRecord) =>
  record.kind === 'received' && record.order === String(order);

describe('the ledger', () => {
  it('is clean for journals that agree', () => {
    const { client, server } = journals();
    const ledger = makeLedger(client, server);
    expect(ledger).toMatchObject({ clean: true, untold: 0, cutOff: 0, failed: 0 });
    expect(row(ledger.rows, 'messages, ')).toMatchObject({ sent: 5, accepted: 5 });
    expect(row(ledger.rows, 'events')).toMatchObject({ published: 5, received: 5 });
    expect(row(ledger.rows, 'messages there')).toMatchObject({
      sent: 5,
      accepted: 5,
      published: 5,
      received: 5,
    });
    expect(row(ledger.rows, 'calls')).toMatchObject({ sent: 1, received: 1 });
  });

  it('finds one lost, one doubled and one reordered event in a doctored journal', () => {
    const { client, server } = journals();
    const [first, second] = [client.findIndex(isReceived(1)), client.findIndex(isReceived(2))];
    const [one, two] = [client[first], client[second]];
    if (one === undefined || two === undefined) throw new Error('not there');
    client[first] = two;
    client[second] = one;
    client.splice(client.findIndex(isReceived(3)), 1);
    client.push(...client.filter(isReceived(5)));
    const ledger = makeLedger(client, server);
    expect(ledger.clean).toBe(false);
    expect(row(ledger.rows, 'events')).toMatchObject({
      published: 5,
      received: 5,
      difference: { lost: 1, doubled: 1, reordered: 1, foreign: 0 },
    });
    expect(row(ledger.rows, 'messages, ')?.difference).toEqual({
      lost: 0,
      doubled: 0,
      reordered: 0,
      foreign: 0,
    });
    expect(tableText(ledger.rows).split('\n')[2]).toMatch(/^events, server to client +- +- +5 +5 +1 +1 +1$/);
  });

  it('finds one lost, one doubled and one reordered message in a doctored journal', () => {
    const { client, server } = journals();
    const accepted = (n: number): ServerRecord => ({ kind: 'accepted', sequence: String(n) });
    const rest = server.filter(({ kind }) => kind !== 'accepted');
    const doctored = [...rest, accepted(1), accepted(0), accepted(3), accepted(4), accepted(4)];
    const ledger = makeLedger(client, doctored);
    expect(ledger.clean).toBe(false);
    expect(row(ledger.rows, 'messages, ')).toMatchObject({
      sent: 5,
      accepted: 5,
      difference: { lost: 1, doubled: 1, reordered: 1, foreign: 0 },
    });
  });

  it('does not count a handler that ran in vain', () => {
    const { client, server } = journals();
    server.unshift({ kind: 'handled', sequence: '0', payload: { '@type': 'Order', n: 0 } });
    expect(makeLedger(client, server).clean).toBe(true);
  });

  it('finds a message whose sender was not told', () => {
    const { client, server } = journals();
    const at = client.findIndex(({ kind }) => kind === 'outcome');
    client.splice(at, 1);
    expect(makeLedger(client, server)).toMatchObject({ clean: false, untold: 1 });
  });

  it('allows a call that was cut off, and none that failed, was answered wrongly, twice or never', () => {
    const { client, server } = journals();
    const settledAs = (...records: ClientRecord[]) =>
      makeLedger([...client.filter(({ kind }) => kind !== 'answered'), ...records], server);
    const answer: ClientRecord = { kind: 'answered', call: 0, payload: { '@type': 'Echo', n: 1 } };
    expect(settledAs({ kind: 'failed', call: 0, code: 'E_CALL_UNKNOWN' })).toMatchObject({
      clean: true,
      cutOff: 1,
    });
    expect(settledAs({ kind: 'failed', call: 0, code: 'E_TIMEOUT' })).toMatchObject({
      clean: false,
      failed: 1,
    });
    expect(settledAs({ kind: 'answered', call: 0, payload: { '@type': 'Echo', n: 2 } })).toMatchObject({
      clean: false,
      failed: 1,
    });
    expect(row(settledAs(answer, answer).rows, 'calls')?.difference.doubled).toBe(1);
    expect(row(settledAs().rows, 'calls')?.difference.lost).toBe(1);
  });
});
