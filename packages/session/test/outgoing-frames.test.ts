import { decodeServerFrame, MessageType } from '@sealwire/framing';
import { describe, expect, it } from 'vitest';
import { OutgoingFrames } from '../src/outgoing-frames.js';

const json = (text: string) => new TextEncoder().encode(text);

/** Copies, as a sealer does. */
const plain = {
  sealBatch: (plaintexts: readonly Uint8Array[]) => plaintexts.map((bytes) => bytes.slice()),
  destroy() {},
};

function ordersOf(frames: readonly Uint8Array[]): bigint[] {
  return frames.map((bytes) => {
    const frame = decodeServerFrame(bytes, 'documented');
    return frame.type === MessageType.MESSAGE ? frame.order : -1n;
  });
}

function queue(outgoing: OutgoingFrames, ...orders: bigint[]): void {
  for (const order of orders) outgoing.batch.addMessage('documented', order, 0, json(`"${order}"`));
}

describe('outgoing frames', () => {
  it('keeps those of each session apart, however many have something queued at once', () => {
    const sessions = Array.from({ length: 30 }, () => new OutgoingFrames());
    for (let round = 0n; round < 3n; round++) {
      for (const [n, outgoing] of sessions.entries()) queue(outgoing, BigInt(n) + round, 1_000n + BigInt(n));
      for (const [n, outgoing] of sessions.entries()) {
        expect(ordersOf(outgoing.seal(plain))).toEqual([BigInt(n) + round, 1_000n + BigInt(n)]);
        expect(outgoing.seal(plain)).toEqual([]);
      }
    }
  });

  it('hands nothing on of what was cleared, or could not be sealed', () => {
    const outgoing = new OutgoingFrames();
    queue(outgoing, 1n);
    outgoing.clear();
    queue(outgoing, 2n);
    const failing = {
      ...plain,
      sealBatch: () => {
        throw new Error('no');
      },
    };
    expect(() => outgoing.seal(failing)).toThrow('no');
    queue(outgoing, 3n);
    expect(ordersOf(outgoing.seal(plain))).toEqual([3n]);
  });
});
