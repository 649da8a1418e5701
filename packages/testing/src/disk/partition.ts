import type { ServerStore } from '@sealwire/store';
import type { SimProcess } from '../world/sim-process.js';
import { promised } from './promised.js';

/** The way between a machine and something that it reaches over a network: while it is cut, what goes through waits. */
export class Partition {
  #waiting: (() => void)[] | undefined;

  cut(): void {
    this.#waiting ??= [];
  }

  /** What has waited goes through, in order. */
  heal(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const run of waiting) run();
  }

  pass(run: () => void): void {
    if (this.#waiting === undefined) run();
    else this.#waiting.push(run);
  }
}

/** A store that a process reaches over a network. Requests and answers wait while it is cut; those of a dead process go. */
export function behindPartition(store: ServerStore, way: Partition, process: SimProcess): ServerStore {
  const back = (run: () => void): void => way.pass(() => process.enter(run));
  const settle = <T>(
    answer: Promise<T>,
    resolve: (value: T) => void,
    reject: (error: unknown) => void,
  ): void => {
    answer.then(
      (value) => back(() => resolve(value)),
      (error) => back(() => reject(error)),
    );
  };
  const forth = (run: () => void): void =>
    way.pass(() => {
      if (process.alive) run();
    });
  const asked = <T>(ask: () => T | Promise<T>): Promise<T> => {
    const { promise, resolve, reject } = promised<T>();
    forth(() => settle(Promise.resolve(ask()), resolve, reject));
    return promise;
  };
  return {
    read: (clientId) => asked(() => store.read(clientId)),
    refusals: (clientId, after) => asked(() => store.refusals(clientId, after)),
    get: (key) => asked(() => store.get(key)),
    list: (query) => asked(() => store.list(query)),
    readLog: (clientId, after, limit) => asked(() => store.readLog(clientId, after, limit)),
    claim: (...claim) => asked(() => store.claim(...claim)),
    commit(commit) {
      const staged = promised<void>();
      const flushed = promised<readonly bigint[]>();
      forth(() => {
        const receipt = store.commit(commit);
        settle(receipt.staged, staged.resolve, staged.reject);
        settle(receipt.flushed, flushed.resolve, flushed.reject);
      });
      return { staged: staged.promise, flushed: flushed.promise };
    },
    watch(clientId, onHead, onClaim) {
      let active = true;
      const stop = store.watch(
        clientId,
        (head) => back(() => active && onHead(head)),
        onClaim && ((epoch) => back(() => active && onClaim(epoch))),
      );
      return () => {
        active = false;
        stop();
      };
    },
    close: () => asked(() => store.close()),
  };
}
