import { memoryClientState } from '@sealwire/store';
import { expect, test } from 'vitest';
import { Inbox } from '../src/inbox.js';
import { clientDefaults } from '../src/options.js';
import { settle } from './until.js';

const json = Uint8Array.of(0x31);

async function opened() {
  const state = memoryClientState();
  const failures: unknown[] = [];
  const doubts: unknown[] = [];
  const inbox = new Inbox(
    await state.load(),
    state,
    clientDefaults.inbox,
    { schema: undefined, numbers: 'refuse' },
    {
      relieved() {},
      failed: (error) => failures.push(error),
      doubted: (error) => doubts.push(error),
    },
  );
  return { inbox, state, failures, doubts };
}

test('goes on over a hole behind ORDER 0, with which a server of the document may begin', async () => {
  const { inbox, failures } = await opened();
  const orders: bigint[] = [];
  inbox.listen(({ order }) => void orders.push(order));
  inbox.accept(0n, 0, json, true);
  await settle();
  inbox.accept(5n, 0, json, true);
  await settle();
  expect(failures).toEqual([]);
  expect(orders).toEqual([0n, 5n]);
});

test('goes back to what believed sessions brought, with what waits of them, and marks what it hands over again', async () => {
  const { inbox, state } = await opened();
  inbox.begin();
  inbox.accept(3n, 0, json, true);
  inbox.accept(4n, 0, json, true);
  inbox.begin();
  inbox.accept(5n, 0, json, false);
  const messages = inbox.iterate();
  const next = async () => {
    const { order, possiblyHandled } = (await messages.next()).value ?? {};
    return [order, possiblyHandled];
  };
  expect([await next(), await next(), await next()]).toEqual([
    [3n, false],
    [4n, false],
    [5n, false],
  ]);
  inbox.accept(99n, 0, json, false);
  expect(inbox.received).toBe(99n);
  inbox.begin();
  expect(inbox.received).toBe(4n);
  inbox.accept(5n, 0, json, true);
  inbox.accept(6n, 0, json, true);
  expect([await next(), await next()]).toEqual([
    [5n, true],
    [6n, false],
  ]);
  await inbox.settled();
  expect(await state.load()).toMatchObject({ savedOrder: 5n, reservedOrder: 6n });
});

test('fails over nothing that it cannot believe, and goes on with what it can', async () => {
  const { inbox, failures, doubts } = await opened();
  const orders: bigint[] = [];
  inbox.listen(({ order }) => void orders.push(order));
  inbox.accept(0n, 0, json, true);
  inbox.accept(1n, 0, json, true);
  await settle();
  inbox.accept(2n, 0, Uint8Array.of(0x7b), false);
  await settle();
  expect(doubts).toMatchObject([{ code: 'E_MESSAGE' }]);
  inbox.begin();
  inbox.accept(2n, 0, json, true);
  await settle();
  expect([orders, failures]).toEqual([[0n, 1n, 2n], []]);
  await inbox.resumeFrom(0n);
  inbox.begin();
  inbox.accept(9n, 0, json, false);
  expect([failures, doubts]).toMatchObject([[], [{ code: 'E_MESSAGE' }, { code: 'E_HISTORY_GONE' }]]);
});

test('does not fail over what was dropped while it was on its way to the application', async () => {
  const { inbox, failures } = await opened();
  const orders: bigint[] = [];
  inbox.listen(({ order }) => void orders.push(order));
  inbox.accept(1n, 0, Uint8Array.of(0x7b), true);
  await Promise.resolve();
  await inbox.resumeFrom(1n);
  inbox.begin();
  inbox.accept(2n, 0, json, true);
  await settle();
  expect([orders, failures]).toEqual([[2n], []]);
});
