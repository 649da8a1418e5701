import { StoreError, type StoreErrorCode } from './errors.js';
import { STORE_LIMITS } from './limits.js';
import type { ClaimOver, Commit, ListQuery, ReadLimit } from './server-store.js';

/**
 * The options that are given, without those that are undefined, which would hide a default. Refuses with E_ARGUMENT
 * what is no object and a name that is no option: a misspelt bound would be no bound.
 *
 * @param known has a property for each option
 */
export function readOptions<T extends object>(given: T, known: { readonly [Name in keyof T]-?: unknown }): T {
  if (typeof given !== 'object' || given === null) {
    throw new StoreError('E_ARGUMENT', 'options must be an object');
  }
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  const unknown = entries.find(([name]) => !Object.hasOwn(known, name));
  if (unknown !== undefined) throw new StoreError('E_ARGUMENT', `the option ${unknown[0]} does not exist`);
  return Object.fromEntries(entries) as T;
}

const LONE_SURROGATE = /\p{Surrogate}/u;
const utf8 = new TextEncoder();

/** Refuses what is no well-formed string of at most `max` bytes of UTF-8. */
export function checkText(text: unknown, name: string, max: number, code: StoreErrorCode): void {
  if (typeof text !== 'string') throw new StoreError(code, `${name} must be a string`);
  // The length in code units first: it bounds what the encoder below may allocate.
  const fits = text.length <= max && (text.length * 3 <= max || utf8.encode(text).length <= max);
  if (!fits) throw new StoreError(code, `${name} is longer than ${max} bytes of UTF-8`);
  if (LONE_SURROGATE.test(text)) throw new StoreError(code, `${name} has a lone surrogate`);
}

export function checkClientId(clientId: unknown): void {
  checkText(clientId, 'clientId', STORE_LIMITS.clientId, 'E_ARGUMENT');
}

export function checkKey(key: unknown): void {
  checkText(key, 'key', STORE_LIMITS.key, 'E_ARGUMENT');
}

export function checkBigint(value: unknown, name: string, min: bigint, code: StoreErrorCode): void {
  if (typeof value !== 'bigint' || value < min) {
    throw new StoreError(code, `${name} must be a bigint of at least ${min}`);
  }
}

export function checkCursor(after: unknown): void {
  if (typeof after !== 'bigint') throw new StoreError('E_ARGUMENT', 'after must be a bigint');
}

export function checkOver(over: unknown): void {
  if (over === 'any' || (typeof over === 'bigint' && over >= 0n)) return;
  throw new StoreError('E_ARGUMENT', "over must be an epoch, a bigint of at least 0n, or 'any'");
}

/** Refuses a claim over another epoch than the newest. */
export function checkUnclaimed(newest: bigint, over: ClaimOver): void {
  if (over === 'any' || over === newest) return;
  throw new StoreError('E_FENCED', `epoch ${newest} was given since epoch ${over}`);
}

export function checkReadLimit(limit: ReadLimit): void {
  if (typeof limit !== 'object' || limit === null) {
    throw new StoreError('E_ARGUMENT', 'limit must be an object with count and bytes');
  }
  for (const name of ['count', 'bytes'] as const) {
    if (!Number.isInteger(limit[name]) || limit[name] < 1) {
      throw new StoreError('E_ARGUMENT', `limit.${name} must be an integer of at least 1`);
    }
  }
}

export function checkListQuery(query: ListQuery): void {
  if (typeof query !== 'object' || query === null) {
    throw new StoreError('E_ARGUMENT', 'list takes an object with prefix, after and limit');
  }
  const { prefix, after, limit } = query;
  checkText(prefix, 'prefix', STORE_LIMITS.key, 'E_ARGUMENT');
  if (after !== undefined) checkText(after, 'after', STORE_LIMITS.key, 'E_ARGUMENT');
  checkReadLimit(limit);
}

/** Returns the length. */
export function checkBytes(bytes: unknown, name: string, max: number, code: StoreErrorCode): number {
  if (!(bytes instanceof Uint8Array)) throw new StoreError(code, `${name} must be a Uint8Array`);
  if (bytes.byteLength > max) throw new StoreError(code, `${name} is longer than ${max} bytes`);
  return bytes.byteLength;
}

function checkSession({ session, sequence, refusal, layout }: Commit): void {
  if (session !== undefined) {
    checkText(session.clientId, 'session.clientId', STORE_LIMITS.clientId, 'E_COMMIT');
    checkBigint(session.epoch, 'session.epoch', 0n, 'E_COMMIT');
  }
  if (sequence !== undefined) {
    checkBigint(sequence, 'sequence', 0n, 'E_COMMIT');
    if (session === undefined) throw new StoreError('E_COMMIT', 'sequence needs the session it belongs to');
  }
  if (refusal !== undefined) {
    checkText(refusal, 'refusal', STORE_LIMITS.refusal, 'E_COMMIT');
    if (sequence === undefined)
      throw new StoreError('E_COMMIT', 'refusal needs the sequence that it refuses');
  }
  if (layout !== undefined) {
    checkText(layout, 'layout', STORE_LIMITS.layout, 'E_COMMIT');
    if (session === undefined) throw new StoreError('E_COMMIT', 'layout needs the session it belongs to');
  }
}

/** Refuses with E_COMMIT what no store takes. An id that `knows` accepts was checked when it came first. */
export function checkCommit(commit: Commit, knows: (clientId: string) => boolean): void {
  checkSession(commit);
  const publishes = commit.publishes ?? [];
  const puts = commit.puts ?? [];
  if (publishes.length + puts.length > STORE_LIMITS.commitItems) {
    throw new StoreError('E_COMMIT', `a commit holds at most ${STORE_LIMITS.commitItems} publishes and puts`);
  }
  let bytes = 0;
  for (const { clientId, json, timestamp } of publishes) {
    if (!knows(clientId)) checkText(clientId, 'publish.clientId', STORE_LIMITS.clientId, 'E_COMMIT');
    if (!Number.isFinite(timestamp)) {
      throw new StoreError('E_COMMIT', 'publish.timestamp must be a finite number of seconds');
    }
    bytes += checkBytes(json, 'publish.json', STORE_LIMITS.json, 'E_COMMIT');
  }
  for (const { key, value } of puts) {
    checkText(key, 'put.key', STORE_LIMITS.key, 'E_COMMIT');
    if (value !== null) bytes += checkBytes(value, 'put.value', STORE_LIMITS.value, 'E_COMMIT');
  }
  if (bytes > STORE_LIMITS.commitBytes) {
    throw new StoreError('E_COMMIT', `a commit holds at most ${STORE_LIMITS.commitBytes} bytes`);
  }
}
