import type { ServerStore } from '../server-store.js';
import { commitTests } from './commits.js';
import { closeTests, durabilityTests, sharingTests } from './lifecycle.js';
import { listTests } from './listing.js';
import { BOUNDS, type Bounds, logTests, retentionTests } from './logs.js';
import { sessionTests } from './sessions.js';
import { type Open, type Runner, withStore } from './tools.js';
import { watchTests } from './watching.js';

export interface ServerStoreSuiteOptions<S extends ServerStore> {
  /**
   * Ends this store as the end of its process would, with or without `close`, and opens what it left behind.
   * Given: what was flushed must be there again.
   */
  readonly reopen?: (store: S) => S | Promise<S>;
  /** Opens one more store on the same data, as a second server does. Given: both must work side by side. */
  readonly another?: (store: S) => ServerStore | Promise<ServerStore>;
  /** Opens an empty store that keeps exactly that many. Given: retention must be told and never be silent. */
  readonly openBounded?: (bounds: Bounds) => ServerStore | Promise<ServerStore>;
}

/**
 * Tests of every sentence of {@link ServerStore}. `open` gives an empty store each time; the suite closes it. The
 * tests need some MiB and no more than seconds; watchers are given 5 s to be called.
 */
export function serverStoreSuite<S extends ServerStore>(
  runner: Runner,
  open: Open<S>,
  options: ServerStoreSuiteOptions<S> = {},
): void {
  const it = withStore(runner, open);
  const { reopen, another, openBounded } = options;
  runner.describe('server store', () => {
    sessionTests(runner, it);
    commitTests(runner, it);
    listTests(runner, it);
    logTests(runner, it);
    watchTests(runner, it);
    closeTests(runner, it);
    if (openBounded)
      retentionTests(
        runner,
        withStore(runner, () => openBounded(BOUNDS)),
      );
    if (reopen) durabilityTests(runner, open, reopen);
    if (another) sharingTests(runner, it, another);
  });
}
