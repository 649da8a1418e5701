import { describe, expect, it } from 'vitest';
import { closeCodes, isRefusalCode, retryAfterClose, retryAfterHttpStatus } from '../src/index.js';

describe('close codes', () => {
  it('are these, and what a client does after them is this', () => {
    const table = Object.entries(closeCodes).map(([code, { retry }]) => [Number(code), retry]);
    expect(table).toEqual([
      [1000, 'retry'],
      [1001, 'retry'],
      [1002, 'retry'],
      [1003, 'retry'],
      [1006, 'retry'],
      [1007, 'retry'],
      [1008, 'retry-slowly'],
      [1009, 'retry'],
      [1011, 'retry'],
      [1012, 'retry'],
      [1013, 'retry'],
      [4000, 'stop'],
      [4001, 'retry'],
      [4002, 'retry'],
      [4009, 'retry-slowly'],
      [4100, 'stop'],
      [4101, 'stop'],
      [4102, 'retry'],
    ]);
    for (const [code, retry] of table) expect(retryAfterClose(Number(code))).toBe(retry);
  });

  it('that nobody knows are a lost link [S67]', () => {
    for (const code of [0, 1004, 1005, 1015, 3000, 4003, 4999, 65_535, Number.NaN]) {
      expect(retryAfterClose(code)).toBe('retry');
    }
  });

  it('of a refusal are 1007, 4002 and 4200 to 4999', () => {
    const codes = [1000, 1006, 1007, 1008, 4000, 4002, 4199, 4200, 4999, 5000, 4200.5, Number.NaN];
    expect(codes.filter(isRefusalCode)).toEqual([1007, 4002, 4200, 4999]);
  });
});

describe('HTTP answers', () => {
  it.each([
    [301, 'retry-slowly'],
    [308, 'retry-slowly'],
    [401, 'retry-slowly'],
    [403, 'retry-slowly'],
    [400, 'retry'],
    [404, 'retry'],
    [429, 'retry'],
    [500, 'retry'],
    [503, 'retry'],
  ] as const)('%i: %s', (status, retry) => {
    expect(retryAfterHttpStatus(status)).toBe(retry);
  });
});
