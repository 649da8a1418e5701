import { clientStateSuite, serverStoreSuite } from '@sealwire/store/testkit';
import { afterAll, describe, it } from 'vitest';
import { ClientDisk } from '../src/disk/client-disk.js';
import { SimDatabase } from '../src/disk/database.js';
import { simStore } from '../src/disk/sim-store.js';
import { SimClock } from '../src/world/clock.js';
import { seededRandom } from '../src/world/random.js';
import { SimProcess } from '../src/world/sim-process.js';

const clock = new SimClock();
let running = true;
const tick = (): void => {
  clock.step(Number.POSITIVE_INFINITY);
  if (running) setImmediate(tick);
};
tick();
afterAll(() => {
  running = false;
});

const journal = { staged() {}, kept() {}, claimed() {} };
const pace = { flush: 2, tell: 1 };
const database = (maxEntries: number): SimDatabase =>
  new SimDatabase(clock, seededRandom('test'), { pace, maxEntries, orderStep: 3 }, journal);
const databases = new WeakMap<object, SimDatabase>();
const open = (of: SimDatabase) => {
  const store = simStore(of, new SimProcess('server', clock));
  databases.set(store, of);
  return store;
};
const same = (store: object) => {
  const of = databases.get(store);
  if (of === undefined) throw new Error('the store is unknown');
  return of;
};

describe('the simulated disk keeps the contract of', () => {
  serverStoreSuite({ describe, it }, () => open(database(100_000)), {
    reopen: (store) => {
      same(store).disk.crash();
      return open(same(store));
    },
    another: (store) => open(same(store)),
  });

  const disks = new WeakMap<object, ClientDisk>();
  const openClient = (disk: ClientDisk) => {
    const state = disk.open(new SimProcess('client', clock));
    disks.set(state, disk);
    return state;
  };
  clientStateSuite(
    { describe, it },
    () => openClient(new ClientDisk(clock, seededRandom('test'), pace, 10_000)),
    {
      reopen: (state) => {
        const disk = disks.get(state);
        if (disk === undefined) throw new Error('the state is unknown');
        disk.disk.crash();
        return openClient(disk);
      },
    },
  );
});
