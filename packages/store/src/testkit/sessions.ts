import type { ServerStore } from '../server-store.js';
import { equal, fails, ok, turn } from './assert.js';
import { AWKWARD_NAMES, consume, done, numbersIn, publish, type Runner, type StoreIt } from './tools.js';

const NOTHING = { lastSequence: -1n, head: 0n, removedUpTo: 0n, layout: undefined, epoch: 0n };

/** Records, claims, fencing and the rule of SEQUENCE. */
export function sessionTests(runner: Runner, it: StoreIt<ServerStore>): void {
  runner.describe('records', () => {
    it('reads a client never heard of as nothing, time and again', async (store) => {
      equal(await store.read('nobody'), NOTHING, 'first read');
      equal(await store.read('nobody'), NOTHING, 'second read');
      const nothing = { lastSequence: -1n, refusals: [], removedUpTo: -1n };
      equal(await store.refusals('nobody', -1n), nothing, 'refusals');
    });

    it('tells the last sequence, the head and the layout', async (store) => {
      const { epoch } = await store.claim('a', 'any');
      const session = { clientId: 'a', epoch };
      await done(store, { session, sequence: 0n, layout: 'documented', publishes: [publish('a', 7)] });
      const record = await store.read('a');
      equal(record.lastSequence, 0n, 'lastSequence');
      equal(record.layout, 'documented', 'layout');
      ok(record.head >= 1n, 'head is at least 1');
      await done(store, { session, sequence: 1n });
      equal((await store.read('a')).layout, 'documented', 'layout after a commit that names none');
      await done(store, { session, layout: 'deployed' });
      equal((await store.read('a')).layout, 'deployed', 'layout changed without a sequence');
    });

    it('tells in read what is flushed, and of a commit all or nothing', async (store) => {
      const { epoch } = await store.claim('a', 'any');
      const { flushed } = store.commit({
        session: { clientId: 'a', epoch },
        sequence: 0n,
        publishes: [publish('a', 1)],
      });
      let durable = false;
      void flushed.then(() => {
        durable = true;
      });
      const early = await store.read('a');
      // Of two that settle in one turn the order is the store's.
      await turn();
      ok(early.lastSequence === -1n || durable, 'nothing is told before it is flushed');
      const [order] = await flushed;
      if (early.lastSequence === -1n) equal(early.head, 0n, 'head, where the SEQUENCE is not told');
      else equal(early.head, order, 'head, where the SEQUENCE is told');
      const record = await store.read('a');
      equal(record.lastSequence, 0n, 'lastSequence');
      equal(record.head, order, 'head');
    });

    it('keeps names apart that look alike or dangerous', async (store) => {
      for (const [i, name] of AWKWARD_NAMES.entries()) {
        await consume(store, name, 0n, 1);
        await done(store, { publishes: [publish(name, i)] });
      }
      for (const [i, name] of AWKWARD_NAMES.entries()) {
        equal((await store.read(name)).lastSequence, 0n, `lastSequence of ${JSON.stringify(name)}`);
        equal(await numbersIn(store, name), [i], `log of ${JSON.stringify(name)}`);
      }
    });

    it('refuses a client id that is too long, ill-formed or no string', async (store) => {
      for (const name of [
        'x'.repeat(257),
        '\u20ac'.repeat(86),
        '\ud800',
        'a\udc00b',
        5 as unknown as string,
      ]) {
        const what = `client id ${JSON.stringify(name).slice(0, 20)}`;
        await fails(store.read(name), 'E_ARGUMENT', `read, ${what}`);
        await fails(store.claim(name, 'any'), 'E_ARGUMENT', `claim, ${what}`);
        await fails(store.readLog(name, 0n, { count: 1, bytes: 1 }), 'E_ARGUMENT', `readLog, ${what}`);
        await fails(done(store, { publishes: [publish(name, 1)] }), 'E_COMMIT', `commit, ${what}`);
      }
    });
  });

  runner.describe('sequence', () => {
    it('refuses a sequence that repeats, skips or does not begin at 0n', async (store) => {
      const { epoch } = await store.claim('a', 'any');
      const session = { clientId: 'a', epoch };
      await fails(done(store, { session, sequence: 1n }), 'E_SEQUENCE', 'first is 1n');
      await done(store, { session, sequence: 0n });
      await fails(done(store, { session, sequence: 0n }), 'E_SEQUENCE', 'repeated');
      await fails(done(store, { session, sequence: 2n }), 'E_SEQUENCE', 'skipped');
      await done(store, { session, sequence: 1n });
      equal((await store.read('a')).lastSequence, 1n, 'lastSequence');
    });

    it('counts what is staged, flushed or not', async (store) => {
      const { epoch } = await store.claim('a', 'any');
      const session = { clientId: 'a', epoch };
      const first = store.commit({ session, sequence: 0n });
      const again = store.commit({ session, sequence: 0n });
      const second = store.commit({ session, sequence: 1n });
      await fails(again.staged, 'E_SEQUENCE', 'the same sequence twice in one turn');
      await fails(again.flushed, 'E_SEQUENCE', 'its flush');
      await Promise.all([first.flushed, second.flushed]);
      equal((await store.read('a')).lastSequence, 1n, 'lastSequence');
    });

    it('goes on after a claim where the session before had ended', async (store) => {
      await consume(store, 'a', 0n, 3);
      await consume(store, 'a', 3n, 2);
      equal((await store.read('a')).lastSequence, 4n, 'lastSequence');
    });
  });

  runner.describe('claims', () => {
    it('gives growing epochs, also when two come at once', async (store) => {
      const first = await store.claim('a', 'any');
      const [second, third] = await Promise.all([store.claim('a', 'any'), store.claim('a', 'any')]);
      ok(first.epoch >= 1n, 'the first epoch is at least 1n');
      ok(second.epoch > first.epoch, 'the second epoch is larger');
      ok(third.epoch > second.epoch, 'the epoch of the later call is larger');
    });

    it('takes over only the session that was meant, where one is named', async (store) => {
      const seen = await store.read('a');
      const first = await store.claim('a', seen.epoch);
      equal((await store.read('a')).epoch, first.epoch, 'epoch in the record');
      await fails(store.claim('a', seen.epoch), 'E_FENCED', 'somebody was faster');
      const late = fails(store.claim('a', seen.epoch), 'E_FENCED', 'the late one, which fences nobody');
      const session = { clientId: 'a', epoch: first.epoch };
      await done(store, { session, sequence: 0n });
      await late;
      const [second, rival] = await Promise.allSettled([
        store.claim('a', first.epoch),
        store.claim('a', first.epoch),
      ]);
      equal([second.status, rival.status], ['fulfilled', 'rejected'], 'two at once');
      await fails(store.claim('a', -1n), 'E_ARGUMENT', 'an epoch that never was');
      await fails(
        store.claim('a', undefined as never),
        'E_ARGUMENT',
        'none named, as by who passes on the id only',
      );
    });

    it('answer with the SEQUENCEs that were staged before, once they are flushed', async (store) => {
      const { epoch } = await store.claim('a', 'any');
      const { flushed } = store.commit({
        session: { clientId: 'a', epoch },
        sequence: 0n,
        publishes: [publish('a', 1)],
      });
      let durable = false;
      void flushed.then(() => {
        durable = true;
      });
      const claim = await store.claim('a', 'any');
      await turn();
      ok(durable, 'the SEQUENCE is flushed by then');
      const [order] = await flushed;
      equal(claim.lastSequence, 0n, 'lastSequence');
      equal(claim.head, order, 'head');
    });

    it('fences every later commit of an older epoch, and of epochs never given', async (store) => {
      const old = await store.claim('a', 'any');
      const taking = store.claim('a', 'any');
      // Staged behind the claim although nobody has awaited it yet.
      const late = store.commit({ session: { clientId: 'a', epoch: old.epoch }, sequence: 0n });
      await fails(late.staged, 'E_FENCED', 'commit right behind the claim');
      const { epoch } = await taking;
      for (const wrong of [old.epoch, epoch + 1n, 0n]) {
        const session = { clientId: 'a', epoch: wrong };
        const commit = {
          session,
          sequence: 0n,
          publishes: [publish('b', 1)],
          puts: [{ key: 'k', value: null }],
        };
        await fails(done(store, commit), 'E_FENCED', `epoch ${wrong} while ${epoch} is the newest`);
      }
      await fails(done(store, { session: { clientId: 'new', epoch: 1n } }), 'E_FENCED', 'never claimed');
      equal(await numbersIn(store, 'b'), [], 'log of the other client');
      await done(store, { session: { clientId: 'a', epoch }, sequence: 0n });
    });

    it('fences nobody else, and not the server itself', async (store) => {
      const other = await store.claim('b', 'any');
      await store.claim('a', 'any');
      await done(store, { session: { clientId: 'b', epoch: other.epoch }, sequence: 0n });
      await done(store, { publishes: [publish('a', 1)] });
      equal(await numbersIn(store, 'a'), [1], 'published without a session');
    });
  });
}
