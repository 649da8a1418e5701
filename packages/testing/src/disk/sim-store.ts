import { type Commit, type CommitReceipt, type ServerStore, StoreError } from '@sealwire/store';
import {
  checkClientId,
  checkCommit,
  checkCursor,
  checkKey,
  checkListQuery,
  checkOver,
  checkReadLimit,
} from '@sealwire/store/kit';
import type { SimProcess } from '../world/sim-process.js';
import type { SimDatabase } from './database.js';
import { rejected } from './promised.js';

/** The handle of one server process on the database. What comes back enters the process like any other input. */
export function simStore(database: SimDatabase, process: SimProcess): ServerStore {
  const stops = new Set<() => void>();
  let closed = false;
  const assertOpen = (): void => {
    if (closed) throw new StoreError('E_CLOSED', 'the store is closed');
  };
  /** What comes back enters the process. */
  const asked = <T>(check: () => void, ask: () => Promise<T>): Promise<T> => {
    try {
      assertOpen();
      check();
      return process.settled(ask());
    } catch (error) {
      return rejected(error);
    }
  };
  const after = <T>(check: () => void, read: () => T): Promise<T> =>
    asked(check, () => database.barrier().then(read));
  /** A read takes time, in which the log may grow. */
  const later = <T>(value: T): Promise<T> => {
    const delay = database.readDelay();
    if (delay === 0) return Promise.resolve(value);
    return new Promise((resolve) => process.later(delay, () => resolve(value)));
  };
  const stopAll = (): void => {
    for (const stop of [...stops]) stop();
  };
  process.onKill(stopAll);
  return {
    read: (clientId) =>
      asked(
        () => checkClientId(clientId),
        () => later(database.read(clientId)),
      ),
    refusals: (clientId, from) =>
      asked(
        () => {
          checkClientId(clientId);
          checkCursor(from);
        },
        () => later(database.refusals(clientId, from)),
      ),
    get: (key) =>
      after(
        () => checkKey(key),
        () => database.value(key),
      ),
    list: (query) =>
      after(
        () => checkListQuery(query),
        () => database.list(query),
      ),
    readLog: (clientId, from, limit) =>
      asked(
        () => {
          checkClientId(clientId);
          checkCursor(from);
          checkReadLimit(limit);
        },
        () => later(database.readLog(clientId, from, limit)),
      ),
    claim: (clientId, over) =>
      asked(
        () => {
          checkClientId(clientId);
          checkOver(over);
        },
        () => database.claim(clientId, over),
      ),
    commit: (commit) => commitTo(database, process, commit, closed),
    watch(clientId, onHead, onClaim) {
      assertOpen();
      checkClientId(clientId);
      const unwatch = database.watchers.watch(
        clientId,
        (head) => process.enter(() => active && onHead(head)),
        onClaim && ((epoch) => process.enter(() => active && onClaim(epoch))),
      );
      let active = true;
      const stop = (): void => {
        active = false;
        unwatch();
        stops.delete(stop);
        database.watching.set(process, stops.size);
      };
      stops.add(stop);
      database.watching.set(process, stops.size);
      return stop;
    },
    async close() {
      await database.barrier();
      closed = true;
      stopAll();
    },
  };
}

const staged = Promise.resolve();

function commitTo(
  database: SimDatabase,
  process: SimProcess,
  commit: Commit,
  closed: boolean,
): CommitReceipt {
  // A dead process has no effect, even where it has not noticed yet.
  if (!process.alive) return { staged: new Promise(() => {}), flushed: new Promise(() => {}) };
  try {
    if (closed) throw new StoreError('E_CLOSED', 'the store is closed');
    checkCommit(commit, () => false);
    return { staged, flushed: process.settled(database.commit(commit)) };
  } catch (error) {
    const failed = rejected(error);
    return { staged: failed, flushed: failed };
  }
}
