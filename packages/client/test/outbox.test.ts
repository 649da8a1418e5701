import { memoryClientState } from '@sealwire/store';
import { describe, expect, test } from 'vitest';
import { clientDefaults } from '../src/options.js';
import { Outbox } from '../src/outbox.js';
import { settle } from './until.js';

const json = Uint8Array.of(0x31);

/** An outbox as a process finds it that starts with these journaled messages. */
async function restarted(count: bigint, sequenceOffset?: bigint) {
  const state = memoryClientState();
  for (let index = 0n; index < count; index += 1n) await state.append([{ index, json }]);
  if (sequenceOffset !== undefined) await state.save({ sequenceOffset });
  const outbox = new Outbox(
    await state.load(),
    state,
    clientDefaults.outbox,
    () => {},
    (error) => {
      throw error;
    },
  );
  return { state, outbox };
}

describe('outbox after a restart', () => {
  test('takes what it finds for possibly sent, and for not sent by this process', async () => {
    const { outbox } = await restarted(3n, 10n);
    expect(outbox.unsent).toBe(true);
    expect(outbox.unsettled).toBe(3);
    expect(outbox.welcome(12n, true)).toBeUndefined();
    expect(outbox.unsent).toBe(false);
  });

  test('sends on after what the welcome names', async () => {
    const { outbox } = await restarted(3n, 10n);
    outbox.welcome(10n, true);
    expect(outbox.resendFrom).toBe(1n);
    expect(outbox.sendable(1n)).toEqual({ sequence: 11n, json });
    outbox.handedOver(1n);
    outbox.handedOver(2n);
    expect(outbox.unsent).toBe(false);
  });

  test('accepts no SEQUENCE that it cannot have used', async () => {
    const { outbox } = await restarted(3n, 10n);
    expect(outbox.welcome(8n, true)).toMatchObject({ code: 'E_DESYNC' });
    expect(outbox.welcome(13n, true)).toMatchObject({ code: 'E_DESYNC' });
    expect(outbox.welcome(9n, true)).toBeUndefined();
  });

  test('sends nothing before its numbering is in the state', async () => {
    const { state, outbox } = await restarted(2n);
    expect(outbox.welcome(4n, true)).toBeUndefined();
    expect(outbox.sendable(0n)).toBeUndefined();
    await settle();
    expect(outbox.sendable(0n)).toEqual({ sequence: 5n, json });
    expect((await state.load()).sequenceOffset).toBe(5n);
  });

  test('forgets in the state what is settled', async () => {
    const { state, outbox } = await restarted(3n, 10n);
    outbox.welcome(12n, true);
    outbox.settle(11n, () => ({ kind: 'accepted' }));
    await settle();
    expect((await state.load()).outbox.map(({ index }) => index)).toEqual([2n]);
    expect(outbox.confirmedSequence).toBe(11n);
  });
});

describe('outbox in a session that is not believed', () => {
  test('lets nothing leave under a number that a believed welcome has not named, and saves none', async () => {
    const { state, outbox } = await restarted(2n);
    expect(outbox.welcome(6n, false)).toBeUndefined();
    await settle();
    expect((await state.load()).sequenceOffset).toBeUndefined();
    expect([outbox.sendable(0n), outbox.unsent]).toEqual([undefined, false]);
    expect(outbox.welcome(-1n, true)).toBeUndefined();
    await settle();
    expect(outbox.sendable(0n)).toEqual({ sequence: 0n, json });
    expect((await state.load()).sequenceOffset).toBe(0n);
    // It was named, but nothing has left: a later believed welcome may name another.
    outbox.welcome(6n, false);
    await settle();
    expect(outbox.sendable(0n)).toBeUndefined();
    expect(outbox.welcome(3n, true)).toBeUndefined();
    await settle();
    expect(outbox.sendable(0n)).toEqual({ sequence: 4n, json });
  });

  test('goes on where the numbers were fixed before, and forgets what it was told', async () => {
    const { outbox } = await restarted(3n, 10n);
    expect(outbox.welcome(12n, false)).toBeUndefined();
    expect([outbox.resendFrom, outbox.unsent]).toEqual([3n, false]);
    expect(outbox.welcome(9n, true)).toBeUndefined();
    expect([outbox.resendFrom, outbox.unsent]).toEqual([0n, true]);
  });
});

describe('outbox whose state holds less than it', () => {
  test('refuses what the state refuses, and leaves nobody waiting for room', async () => {
    const state = memoryClientState({ maxOutboxEntries: 2 });
    const outbox = new Outbox(
      await state.load(),
      state,
      { ...clientDefaults.outbox, maxMessages: 3 },
      () => {},
      (error) => {
        throw error;
      },
    );
    outbox.welcome(-1n, true);
    const sent = [1, 2, 3, 4, 5].map(() => outbox.add(json));
    const flushed = outbox.flushed().promise;
    for (const refused of sent.slice(0, 3))
      await expect(refused).rejects.toMatchObject({ code: 'E_OUTBOX_FULL' });
    await settle();
    expect(outbox.sendable(0n)).toEqual({ sequence: 0n, json });
    expect(outbox.sendable(1n)).toEqual({ sequence: 1n, json });
    outbox.handedOver(0n);
    outbox.handedOver(1n);
    expect(await Promise.all(sent.slice(3))).toMatchObject([{ sequence: 0n }, { sequence: 1n }]);
    outbox.settle(1n, () => ({ kind: 'accepted' }));
    await flushed;
  });
});
