import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Deque } from '../src/deque.js';

describe('deque', () => {
  it('behaves like an array, whatever is pushed and shifted', () => {
    const bursts = fc.array(fc.tuple(fc.nat(20), fc.nat(20)), { maxLength: 40 });
    fc.assert(
      fc.property(bursts, (steps) => {
        const deque = new Deque<number>();
        const model: number[] = [];
        let next = 0;
        for (const [pushes, shifts] of steps) {
          for (let i = 0; i < pushes; i++) {
            deque.push(next);
            model.push(next++);
          }
          for (let i = 0; i < shifts; i++) expect(deque.shift()).toBe(model.shift());
          expect(deque.slice(0)).toEqual(model);
          expect(deque.length).toBe(model.length);
          expect([deque.at(-1), deque.at(0), deque.at(model.length)]).toEqual([
            undefined,
            model[0],
            undefined,
          ]);
          const middle = model[Math.floor(model.length / 2)] ?? 0;
          expect(deque.search((item) => item > middle)).toBe(model.filter((item) => item <= middle).length);
        }
      }),
    );
  });
});
