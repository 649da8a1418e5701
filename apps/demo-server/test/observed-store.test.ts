import { memoryServerStore } from '@sealwire/store';
import { describe, expect, it } from 'vitest';
import { observedStore } from '../src/observed-store.js';
import { Positions } from '../src/positions.js';

const json = (text: string) => new TextEncoder().encode(text);
const publish = (text: string) => ({ clientId: 'a', json: json(text), timestamp: 1 });

function observed() {
  const heard: string[] = [];
  const positions = new Positions();
  const store = observedStore(memoryServerStore(), [
    positions,
    {
      accepted: (clientId, sequence) => heard.push(`${clientId} accepted ${sequence}`),
      published: (clientId, order, bytes) =>
        heard.push(`${clientId} published ${order} ${new TextDecoder().decode(bytes)}`),
    },
  ]);
  return { store, heard, positions };
}

describe('an observed store', () => {
  it('tells what was kept, in order', async () => {
    const { store, heard } = observed();
    const { epoch } = await store.claim('a', 'any');
    const session = { clientId: 'a', epoch };
    await store.commit({ session, sequence: 0n, publishes: [publish('1'), publish('2')] }).flushed;
    await store.commit({ publishes: [publish('3')] }).flushed;
    expect(heard).toEqual(['a accepted 0', 'a published 1 1', 'a published 2 2', 'a published 3 3']);
  });

  it('tells nothing of a message that was refused, nor of a commit that failed', async () => {
    const { store, heard } = observed();
    const { epoch } = await store.claim('a', 'any');
    const session = { clientId: 'a', epoch };
    await store.commit({ session, sequence: 0n, refusal: 'no' }).flushed;
    await expect(
      store.commit({ session, sequence: 5n, publishes: [publish('x')] }).flushed,
    ).rejects.toThrow();
    await store.claim('a', 'any');
    await expect(store.commit({ session, sequence: 1n }).flushed).rejects.toThrow();
    expect(heard).toEqual([]);
  });

  it('shows how far a client is behind', async () => {
    const { store, positions } = observed();
    expect(positions.behind('a')).toBe(0);
    await store.commit({ publishes: [publish('1'), publish('2'), publish('3')] }).flushed;
    expect(positions.behind('a')).toBe(3);
    await store.readLog('a', 2n, { count: 1, bytes: 1 });
    expect(positions.behind('a')).toBe(1);
    await store.readLog('a', 3n, { count: 1, bytes: 1 });
    expect(positions.behind('a')).toBe(0);
    expect(positions.behind('b')).toBe(0);
  });
});
