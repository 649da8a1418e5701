import { describe, expect, it } from 'vitest';
import { memoryClientState } from '../src/index.js';

describe('memory client state', () => {
  it('closes the handle that a restart leaves behind', async () => {
    const before = memoryClientState();
    await before.append([{ index: 0n, json: Uint8Array.of(1) }]);
    const after = before.reopen();
    await expect(before.trim(0n)).rejects.toMatchObject({ code: 'E_CLOSED' });
    expect((await after.load()).outbox).toHaveLength(1);
  });

  it('refuses bytes beyond maxOutboxBytes with E_FULL until they are trimmed', async () => {
    const state = memoryClientState({ maxOutboxBytes: 10 });
    await state.append([{ index: 0n, json: new Uint8Array(6) }]);
    const next = [{ index: 1n, json: new Uint8Array(5) }];
    await expect(state.append(next)).rejects.toMatchObject({ code: 'E_FULL' });
    await state.trim(0n);
    await state.append(next);
    expect((await state.load()).outbox).toEqual(next);
  });

  it('refuses options that are no bounds', () => {
    for (const options of [{ maxOutboxEntries: 0 }, { maxOutboxBytes: Number.NaN }]) {
      expect(() => memoryClientState(options)).toThrow(expect.objectContaining({ code: 'E_ARGUMENT' }));
    }
  });

  it('gives out snapshots that later changes do not touch', async () => {
    const state = memoryClientState();
    await state.append([{ index: 0n, json: Uint8Array.of(1) }]);
    const snapshot = await state.load();
    await state.trim(0n);
    expect(snapshot.outbox).toHaveLength(1);
  });
});
