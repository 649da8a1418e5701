import type { RandomSource } from './backend.js';

/** One call of the generator costs far more than its bytes, so they are drawn this many at a time. */
const POOL_SIZE = 4096;
/** Results longer than this do not go through the pool. */
const DIRECT = 256;

/**
 * Hands out every drawn byte once and wipes it from the pool. Results never share memory with the pool.
 * @param draw fills its argument, of at most 4096 bytes, from the platform's generator, or throws.
 */
export function createRandomPool(draw: (target: Uint8Array<ArrayBuffer>) => void): RandomSource {
  const pool = new Uint8Array(POOL_SIZE);
  let next = POOL_SIZE;

  function fillDirectly(target: Uint8Array): void {
    const block = new Uint8Array(POOL_SIZE);
    for (let offset = 0; offset < target.length; offset += POOL_SIZE) {
      draw(block);
      target.set(block.subarray(0, Math.min(POOL_SIZE, target.length - offset)), offset);
    }
    block.fill(0);
  }

  function fill(target: Uint8Array, offset: number, length: number): void {
    if (length > DIRECT) {
      fillDirectly(target.subarray(offset, offset + length));
      return;
    }
    if (next + length > POOL_SIZE) {
      draw(pool);
      next = 0;
    }
    // A loop, because most results are an IV, for which three calls on typed arrays take longer.
    for (let i = 0; i < length; i++) {
      target[offset + i] = pool[next]!;
      pool[next++] = 0;
    }
  }

  return {
    fill,
    bytes(length) {
      const bytes = new Uint8Array(length);
      fill(bytes, 0, length);
      return bytes;
    },
  };
}
