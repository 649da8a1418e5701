export const blobBytes = 200;

/** The struct of the codec comparison: {enum, hyper, double, opaque[200]}. */
export interface Row {
  readonly kind: 'buy' | 'sell';
  readonly id: bigint;
  readonly price: number;
  readonly blob: Uint8Array;
}

export const rows: readonly Row[] = Array.from({ length: 64 }, (_, n) => ({
  kind: n % 2 === 0 ? 'buy' : 'sell',
  id: 2n ** 40n + BigInt(n),
  price: 31_250.25 + n / 8,
  blob: new Uint8Array(blobBytes).fill(n),
}));
