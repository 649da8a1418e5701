import { memoryClientState } from '@sealwire/store';
import { expect, test } from 'vitest';
import { Inbox } from '../src/inbox.js';
import { clientDefaults } from '../src/options.js';
import { settle } from './until.js';

const json = Uint8Array.of(0x31);

test('goes on over a hole behind ORDER 0, with which a server of the document may begin', async () => {
  const state = memoryClientState();
  const failures: unknown[] = [];
  const inbox = new Inbox(
    await state.load(),
    state,
    clientDefaults.inbox,
    { schema: undefined, numbers: 'refuse' },
    {
      relieved() {},
      failed: (error) => failures.push(error),
    },
  );
  const orders: bigint[] = [];
  inbox.listen(({ order }) => void orders.push(order));
  inbox.accept(0n, 0, json, true);
  await settle();
  inbox.accept(5n, 0, json, true);
  await settle();
  expect(failures).toEqual([]);
  expect(orders).toEqual([0n, 5n]);
});
