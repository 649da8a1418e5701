/** What is sent in the comparisons: an object whose JSON has 200 bytes. */
export interface Trade {
  readonly '@type': 'Trade';
  /** Counts from 0 for each receiver; has as many digits as any other. */
  readonly n: number;
  /** 1 in the message after which the receiver tells that it has everything, else 0. */
  readonly last: 0 | 1;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly price: string;
  readonly amount: string;
  readonly note: string;
}

export const payloadBytes = 200;
const firstNumber = 1_000_000_000;
const noteOf = 'x'.repeat(payloadBytes - JSON.stringify(withNote(0, 0, '')).length);

export function trade(n: number, last: 0 | 1 = 0): Trade {
  return withNote(n, last, noteOf);
}

function withNote(n: number, last: 0 | 1, note: string): Trade {
  return {
    '@type': 'Trade',
    n: firstNumber + n,
    last,
    symbol: 'ACME-EUR',
    side: 'sell',
    price: '31250.25',
    amount: '0.50000000',
    note,
  };
}

/** Is it the `n`-th? */
export function isTrade(payload: Trade, n: number): boolean {
  return payload.n === firstNumber + n;
}
