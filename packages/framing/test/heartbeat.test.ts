import { describe, expect, it } from 'vitest';
import { heartbeat, isHeartbeat } from '../src/index.js';

describe('heartbeat', () => {
  it('is one zero byte, a fresh array each time', () => {
    expect(heartbeat()).toEqual(Uint8Array.of(0));
    expect(heartbeat()).not.toBe(heartbeat());
  });

  it('is nothing else', () => {
    expect(isHeartbeat(Uint8Array.of(0))).toBe(true);
    for (const frame of [[], [1], [0x80], [255], [0, 0]]) {
      expect(isHeartbeat(Uint8Array.from(frame))).toBe(false);
    }
  });
});
