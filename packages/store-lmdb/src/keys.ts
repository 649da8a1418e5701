/**
 * All rows lie in one tree. A key begins with its kind; numbers in keys are big-endian, so that they sort.
 * Clients have a short number in the keys of their rows instead of their id.
 */
export const KIND = { meta: 1, client: 2, log: 3, refusal: 4, value: 5, time: 6 } as const;

const NUMBERED = 13;

function named(kind: number, name: string): Buffer {
  const key = Buffer.allocUnsafe(1 + Buffer.byteLength(name));
  key[0] = kind;
  key.write(name, 1);
  return key;
}

function numbered(kind: number, client: number, number: bigint): Buffer {
  const key = Buffer.allocUnsafe(NUMBERED);
  key[0] = kind;
  key.writeUInt32BE(client, 1);
  key.writeBigUInt64BE(number, 5);
  return key;
}

export const metaKey = (name: 'format' | 'totals' | 'owner') => named(KIND.meta, name);
export const clientKey = (clientId: string) => named(KIND.client, clientId);
export const valueKey = (key: string) => named(KIND.value, key);
export const logKey = (client: number, order: bigint) => numbered(KIND.log, client, order);
export const refusalKey = (client: number, sequence: bigint) => numbered(KIND.refusal, client, sequence);

/** The first key behind that of a name. */
export const afterValueKey = (key: string) => Buffer.concat([valueKey(key), Buffer.of(0)]);

/** The first key behind those of all names that begin with `prefix`: no byte of UTF-8 is 0xff. */
export function endOfValues(prefix: string): Buffer {
  const end = valueKey(prefix);
  const last = end.byteLength - 1;
  end[last] = (end[last] ?? 0) + 1;
  return end;
}

/** The messages of a client that were added within a second since 1970. */
export function timeKey(second: number, client: number): Buffer {
  const key = Buffer.allocUnsafe(9);
  key[0] = KIND.time;
  key.writeUInt32BE(second, 1);
  key.writeUInt32BE(client, 5);
  return key;
}

/** ORDER or SEQUENCE. */
export function numberOfKey(key: Buffer): bigint {
  return key.readBigUInt64BE(5);
}

/** The first key that is larger than all of a kind. */
export function endOf(kind: number): Buffer {
  return Buffer.of(kind + 1);
}

/** Larger than every number that is given: they end at 2^62. */
export const LAST_NUMBER = 2n ** 63n - 1n;
