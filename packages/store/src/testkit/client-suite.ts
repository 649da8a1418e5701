import type { ClientState, OutboxEntry } from '../client-state.js';
import { equal, fails } from './assert.js';
import { bytesOf, type Open, type Runner, range, type StoreIt, withStore } from './tools.js';

export interface ClientStateSuiteOptions<S extends ClientState> {
  /** Ends this state as the end of its process would, with or without `close`, and opens what it left behind. */
  readonly reopen?: (state: S) => S | Promise<S>;
  /** Opens an empty state with room for exactly that many messages in the outbox. */
  readonly openBounded?: (bounds: { readonly outboxEntries: number }) => ClientState | Promise<ClientState>;
}

const FRESH = {
  savedOrder: -1n,
  reservedOrder: -1n,
  nextIndex: 0n,
  sequenceOffset: undefined,
  outbox: [],
  pin: undefined,
};

function entries(from: number, count: number): OutboxEntry[] {
  return range(count, from).map((n) => ({ index: BigInt(n), json: bytesOf(n) }));
}

/** Tests of every sentence of {@link ClientState}. `open` gives an empty state each time; the suite closes it. */
export function clientStateSuite<S extends ClientState>(
  runner: Runner,
  open: Open<S>,
  options: ClientStateSuiteOptions<S> = {},
): void {
  runner.describe('client state', () => {
    const it = withStore(runner, open);
    outboxTests(runner, it);
    savedTests(runner, it);
    const { reopen, openBounded } = options;

    it('fails with E_CLOSED after close, which may come again', async (state) => {
      await state.close();
      await state.close();
      await fails(state.load(), 'E_CLOSED', 'load');
      await fails(state.append(entries(0, 1)), 'E_CLOSED', 'append');
      await fails(state.trim(-1n), 'E_CLOSED', 'trim');
      await fails(state.save({ savedOrder: 1n }), 'E_CLOSED', 'save');
    });

    if (openBounded) {
      withStore(runner, () => openBounded({ outboxEntries: 3 }))(
        'has a bound that trimming frees',
        async (state) => {
          await state.append(entries(0, 2));
          await fails(state.append(entries(2, 2)), 'E_FULL', 'one too many');
          equal((await state.load()).outbox, entries(0, 2), 'outbox: none of the refused');
          await state.append(entries(2, 1));
          await state.trim(1n);
          await state.append(entries(3, 2));
          equal((await state.load()).outbox, entries(2, 3), 'outbox');
        },
      );
    }
    if (reopen) reopenTests(runner, open, reopen);
  });
}

function outboxTests(runner: Runner, it: StoreIt<ClientState>): void {
  runner.describe('outbox', () => {
    it('is empty at first', async (state) => equal(await state.load(), FRESH, 'state'));

    it('gives back what was appended and not trimmed', async (state) => {
      await state.append(entries(0, 3));
      await state.append([]);
      await state.append(entries(3, 2));
      equal(await state.load(), { ...FRESH, nextIndex: 5n, outbox: entries(0, 5) }, 'state');
      await state.trim(-1n);
      await state.trim(1n);
      await state.trim(0n);
      equal(await state.load(), { ...FRESH, nextIndex: 5n, outbox: entries(2, 3) }, 'trimmed');
      await state.trim(4n);
      equal(await state.load(), { ...FRESH, nextIndex: 5n }, 'index goes on though all is trimmed');
      await state.append(entries(5, 1));
      equal((await state.load()).outbox, entries(5, 1), 'outbox');
    });

    it('refuses indexes that do not go on, and keeps none of them', async (state) => {
      await fails(state.append(entries(1, 1)), 'E_SEQUENCE', 'does not begin at 0n');
      await state.append(entries(0, 2));
      await fails(state.append(entries(1, 1)), 'E_SEQUENCE', 'repeated');
      await fails(state.append(entries(3, 1)), 'E_SEQUENCE', 'skipped');
      await fails(state.append([...entries(2, 2), ...entries(5, 1)]), 'E_SEQUENCE', 'a hole within');
      equal(await state.load(), { ...FRESH, nextIndex: 2n, outbox: entries(0, 2) }, 'state');
    });

    it('refuses to trim what was never appended', async (state) => {
      await state.append(entries(0, 2));
      await fails(state.trim(2n), 'E_ARGUMENT', 'beyond the last');
      await fails(state.trim(-2n), 'E_ARGUMENT', 'below -1n');
      equal((await state.load()).outbox, entries(0, 2), 'outbox');
    });

    it('takes effect in the order of calls, awaited or not', async (state) => {
      const calls = [
        state.append(entries(0, 3)),
        state.trim(0n),
        state.append(entries(3, 1)),
        state.trim(1n),
      ];
      const loading = state.load();
      await Promise.all(calls);
      equal((await loading).outbox, entries(2, 2), 'outbox');
    });

    it('keeps any bytes', async (state) => {
      const jsons = [new Uint8Array(0), Uint8Array.from(range(256)), new Uint8Array(100_000).fill(7)];
      await state.append(jsons.map((json, i) => ({ index: BigInt(i), json })));
      equal(
        (await state.load()).outbox.map(({ json }) => json),
        jsons,
        'jsons',
      );
    });
  });
}

function savedTests(runner: Runner, it: StoreIt<ClientState>): void {
  runner.describe('saved fields', () => {
    it('change together, and those not named stay', async (state) => {
      await state.save({ savedOrder: 5n, reservedOrder: 9n, sequenceOffset: -3n, pin: bytesOf(1) });
      const all = { ...FRESH, savedOrder: 5n, reservedOrder: 9n, sequenceOffset: -3n, pin: bytesOf(1) };
      equal(await state.load(), all, 'all');
      await state.save({});
      equal(await state.load(), all, 'nothing named');
      await state.save({ savedOrder: 7n });
      equal(await state.load(), { ...all, savedOrder: 7n }, 'savedOrder alone');
      await state.save({ sequenceOffset: 2n ** 62n });
      equal(
        await state.load(),
        { ...all, savedOrder: 7n, sequenceOffset: 2n ** 62n },
        'sequenceOffset alone',
      );
    });

    it('raise reservedOrder with savedOrder, and never lower it by themselves', async (state) => {
      await state.save({ savedOrder: 5n });
      equal((await state.load()).reservedOrder, 5n, 'raised');
      await state.save({ savedOrder: -1n });
      equal((await state.load()).reservedOrder, 5n, 'kept when the cursor goes back');
      await state.save({ reservedOrder: -1n });
      equal((await state.load()).reservedOrder, -1n, 'lowered when told so');
    });

    it('forget the pin with null', async (state) => {
      await state.save({ pin: new Uint8Array(0) });
      equal((await state.load()).pin, new Uint8Array(0), 'an empty pin is a pin');
      await state.save({ pin: null });
      equal((await state.load()).pin, undefined, 'pin');
    });

    it('are refused whole', async (state) => {
      const pin = bytesOf(1);
      await state.save({ savedOrder: 5n });
      await fails(state.save({ pin, reservedOrder: 4n }), 'E_ARGUMENT', 'reserved below the saved of before');
      await fails(
        state.save({ pin, savedOrder: 9n, reservedOrder: 8n }),
        'E_ARGUMENT',
        'reserved below saved',
      );
      await fails(state.save({ pin, savedOrder: -2n }), 'E_ARGUMENT', 'below -1n');
      await fails(state.save({ pin, savedOrder: 6 as unknown as bigint }), 'E_ARGUMENT', 'a number');
      await fails(
        state.save({ savedOrder: 6n, pin: 'x' as unknown as Uint8Array }),
        'E_ARGUMENT',
        'no bytes',
      );
      equal(await state.load(), { ...FRESH, savedOrder: 5n, reservedOrder: 5n }, 'state');
    });
  });
}

function reopenTests<S extends ClientState>(
  runner: Runner,
  open: Open<S>,
  reopen: (state: S) => S | Promise<S>,
): void {
  runner.it('is all there after a restart', async () => {
    let state = await open();
    try {
      await state.append(entries(0, 5));
      await state.trim(1n);
      await state.save({ savedOrder: 5n, reservedOrder: 9n, sequenceOffset: 3n, pin: bytesOf(1) });
      const before = await state.load();
      state = await reopen(state);
      equal(await state.load(), before, 'state');
      await fails(state.append(entries(4, 1)), 'E_SEQUENCE', 'an index of before');
      await state.trim(4n);
      state = await reopen(state);
      equal(await state.load(), { ...before, outbox: [] }, 'trimmed, with the next index kept');
      await state.append(entries(5, 1));
    } finally {
      await state.close();
    }
  });
}
