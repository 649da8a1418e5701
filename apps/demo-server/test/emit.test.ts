import { describe, expect, it } from 'vitest';
import { emit, readEmit } from '../src/emit.js';

const wholeNumbers = [
  [{ count: -1, bytes: 100 }, 'count is a whole number from 0 to 1000000'],
  [{ count: 1_000_001, bytes: 100 }, 'count is a whole number from 0 to 1000000'],
  [{ count: 1.5, bytes: 100 }, 'count is a whole number from 0 to 1000000'],
  [{ count: '1', bytes: 100 }, 'count is a whole number from 0 to 1000000'],
  [{ bytes: 100 }, 'count is a whole number from 0 to 1000000'],
  [{ count: 1, bytes: 15 }, 'bytes is a whole number from 16 to 32768'],
  [{ count: 1, bytes: 32_769 }, 'bytes is a whole number from 16 to 32768'],
  [{ count: 1 }, 'bytes is a whole number from 16 to 32768'],
] as const;

describe('Emit', () => {
  it.each(wholeNumbers)('refuses %j', (payload, sentence) => {
    expect(() => readEmit(payload)).toThrow(sentence);
  });

  it('takes the numbers at its bounds', () => {
    expect(readEmit({ count: 1_000_000, bytes: 32_768 })).toEqual({ count: 1_000_000, bytes: 32_768 });
    expect(readEmit({ count: 0, bytes: 16 })).toEqual({ count: 0, bytes: 16 });
  });

  it('publishes as many events as asked, in order, of about the size asked', async () => {
    const published: { n: number }[] = [];
    const sizes = new Set<number>();
    await emit(
      { count: 1_000, bytes: 100 },
      {
        behind: () => 0,
        async publish(event) {
          sizes.add(JSON.stringify(event).length);
          if ('n' in event && typeof event.n === 'number') published.push({ n: event.n });
        },
      },
    );
    expect(published.map(({ n }) => n)).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
    expect([...sizes]).toEqual([100]);
  });

  it.each([
    [16, 8_192],
    [32_768, 512],
  ])(
    'lets at most a bounded number of events of %i bytes lie before a slow client',
    async (bytes, window) => {
      let [behind, most] = [0, 0];
      // The client takes a little, each time that it is looked at.
      const port = {
        behind: () => {
          behind = Math.max(0, behind - 100);
          return behind;
        },
        async publish() {
          behind += 1;
          most = Math.max(most, behind);
        },
      };
      await emit({ count: 30_000, bytes }, port);
      expect(most).toBeGreaterThan(window - 100);
      expect(most).toBeLessThanOrEqual(window + 256);
    },
  );

  it('commits few events side by side', async () => {
    let [open, most] = [0, 0];
    const port = {
      behind: () => 0,
      async publish() {
        open += 1;
        most = Math.max(most, open);
        await Promise.resolve();
        open -= 1;
      },
    };
    await emit({ count: 1_000, bytes: 16 }, port);
    expect(most).toBe(256);
  });

  it('fails when the store does', async () => {
    const port = { behind: () => 0, publish: async () => Promise.reject(new Error('full')) };
    await expect(emit({ count: 3, bytes: 16 }, port)).rejects.toThrow('full');
  });
});
