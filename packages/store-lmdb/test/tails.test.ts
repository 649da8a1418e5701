import { describe, expect, it } from 'vitest';
import { RowBuffer } from '../src/rows.js';
import { Tails } from '../src/tails.js';

const PLENTY = { count: 1_000, bytes: 1 << 20 };
const MIB = 1_048_576;

/** Adds messages that say their ORDER and are `size` bytes long. */
function add(tails: Tails, clientId: string, from: number, to: number, size = 8): void {
  const rows = new RowBuffer();
  const at: number[] = [];
  for (let order = from; order <= to; order++) {
    const json = new TextEncoder().encode(String(order).padEnd(size));
    const row = rows.log(7, 0, BigInt(order), 0, order / 2, json);
    if (at.at(-1) !== row) at.push(row);
    // Something else lies between some of them.
    if (order % 3 === 0) rows.remove(Buffer.of(9));
  }
  tails.add(clientId, BigInt(to), rows, at);
}

/** undefined: has to be read from the disk. */
function read(tails: Tails, after: number, head: number, { limit = PLENTY, removedUpTo = 0 } = {}) {
  const flushed = { head: BigInt(head), removedUpTo: BigInt(removedUpTo) };
  return tails.read('a', BigInt(after), flushed, limit)?.entries.map(({ order, timestamp, json }) => {
    const said = Number(new TextDecoder().decode(json));
    expect([timestamp, order]).toEqual([said / 2, BigInt(said)]);
    return said;
  });
}

describe('tails', () => {
  it('gives what was added, once, over several flushes', () => {
    const tails = new Tails(MIB);
    add(tails, 'a', 1, 4);
    add(tails, 'b', 1, 2);
    add(tails, 'a', 5, 6);
    expect(read(tails, 2, 6)).toEqual([3, 4, 5, 6]);
    expect(read(tails, 2, 6)).toBeUndefined();
    add(tails, 'a', 7, 7);
    expect(read(tails, 6, 7)).toEqual([7]);
  });

  it('goes on where a limit ended the read before', () => {
    const tails = new Tails(MIB);
    add(tails, 'a', 1, 4);
    add(tails, 'a', 5, 6);
    expect(read(tails, 0, 6, { limit: { count: 3, bytes: 99 } })).toEqual([1, 2, 3]);
    expect(read(tails, 3, 6, { limit: { count: 9, bytes: 16 } })).toEqual([4, 5]);
    expect(read(tails, 5, 6, { limit: { count: 9, bytes: 1 } })).toEqual([6]);
  });

  it('leaves to the disk what is older than all of it', () => {
    const tails = new Tails(MIB);
    add(tails, 'a', 5, 6);
    expect(read(tails, 3, 6)).toBeUndefined();
    expect(read(tails, 4, 6)).toEqual([5, 6]);
  });

  it('gives nothing that retention has removed', () => {
    const tails = new Tails(MIB);
    add(tails, 'a', 1, 6);
    expect(read(tails, 0, 6, { removedUpTo: 4 })).toEqual([5, 6]);
  });

  it('forgets what lies before a gap, so that no read can skip it', () => {
    const tails = new Tails(MIB);
    add(tails, 'a', 1, 2);
    add(tails, 'a', 4, 5);
    expect(read(tails, 0, 5)).toBeUndefined();
    expect(read(tails, 3, 5)).toEqual([4, 5]);
  });

  it('forgets the oldest of all clients beyond its bound, and keeps nothing that is larger than it', () => {
    const tails = new Tails(10_000);
    add(tails, 'b', 1, 1, 5_000);
    add(tails, 'a', 1, 1, 3_000);
    add(tails, 'a', 2, 2, 3_000);
    add(tails, 'b', 2, 2, 9_990);
    expect(read(tails, 0, 2)).toEqual([1, 2]);
    expect(tails.read('b', 0n, { head: 2n, removedUpTo: 0n }, PLENTY)).toBeUndefined();
    add(tails, 'a', 3, 3, 5_000);
    add(tails, 'b', 3, 3, 6_000);
    expect(read(tails, 2, 3)).toBeUndefined();
  });
});
