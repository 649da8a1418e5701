/** What the lab publishes: the number that its ORDER must have, when it was published, and padding. */
export interface Numbered {
  readonly n: number;
  /** Of `now()`; 0 where latency means nothing. */
  readonly at: number;
  readonly pad: string;
}

const encoder = new TextEncoder();

/** JSON of `bytes` bytes. */
export function numbered(n: number, at: number, bytes: number): Uint8Array {
  const start = `{"n":${n},"at":${at},"pad":"`;
  return encoder.encode(`${start}${'x'.repeat(Math.max(0, bytes - start.length - 2))}"}`);
}
