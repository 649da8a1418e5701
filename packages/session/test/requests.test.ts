import { describe, expect, it } from 'vitest';
import { maxRememberedRequests, Requests } from '../src/requests.js';

const signature = (number: number) => {
  const bytes = new Uint8Array(256);
  new DataView(bytes.buffer).setUint32(12, number);
  return bytes;
};

describe('the requests of a session', () => {
  it('are admitted once, by id while in flight and by signature ever after', () => {
    const requests = new Requests(false);
    expect(requests.admit(1n, signature(1))).toBe('admitted');
    expect(requests.admit(1n, signature(2))).toBe('in flight');
    expect(requests.admit(2n, signature(1))).toBe('replayed');
    expect(requests.settle(1n)).toBe(true);
    expect(requests.settle(1n)).toBe(false);
    expect(requests.admit(1n, signature(1))).toBe('replayed');
    expect(requests.admit(1n, signature(2))).toBe('admitted');
  });

  it('are 65,536 at most', () => {
    const requests = new Requests(false);
    expect(maxRememberedRequests).toBe(65_536);
    for (let number = 0; number < 65_536; number += 1) {
      if (requests.admit(BigInt(number), signature(number)) !== 'admitted') expect.unreachable();
      requests.settle(BigInt(number));
    }
    expect(requests.admit(1n, signature(65_536))).toBe('full');
    expect(requests.admit(1n, signature(7))).toBe('replayed');
    requests.clear();
    expect(requests.admit(1n, signature(7))).toBe('admitted');
  });
});
