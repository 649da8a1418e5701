import { createRequire } from 'node:module';
import type { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { binaryMessages } from '../src/binary-messages.js';

/** What reads in `ws`; its types leave it out. */
const { Receiver } = createRequire(import.meta.url)('ws') as { Receiver: new (options: object) => Writable };

/** Every length at which the header changes its form, on both sides. */
const lengths = [0, 1, 125, 126, 127, 65_535, 65_536, 65_537, 200_000];

function read(bytes: Uint8Array): Buffer[] {
  const messages: Buffer[] = [];
  const receiver = new Receiver({ isServer: false, allowSynchronousEvents: true });
  receiver.on('message', (data: Buffer, isBinary: boolean) => {
    if (!isBinary) throw new Error('a text message');
    messages.push(data);
  });
  receiver.on('error', (error: Error) => {
    throw error;
  });
  receiver.write(bytes);
  return messages;
}

/** Much faster than a comparison byte by byte of the test runner. */
function same(messages: readonly Buffer[], frames: readonly Buffer[]): boolean {
  return messages.length === frames.length && messages.every((message, n) => message.equals(frames[n]!));
}

describe('binaryMessages', () => {
  it.each(lengths)('writes a frame of %i bytes as one message that `ws` reads', (length) => {
    const frame = Buffer.alloc(length, 0xa5);
    expect(same(read(binaryMessages([frame])), [frame])).toBe(true);
  });

  it('writes a batch as one message for each frame, in order', () => {
    const frames = lengths.map((length, n) => Buffer.alloc(length, n + 1));
    expect(same(read(binaryMessages(frames)), frames)).toBe(true);
  });

  it('is what RFC 6455 shows for 256 and 65,536 bytes in a single unmasked frame', () => {
    // Section 5.7, examples five and six.
    expect([...binaryMessages([new Uint8Array(256)]).subarray(0, 5)]).toEqual([0x82, 0x7e, 0x01, 0x00, 0]);
    const long = [0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0, 0];
    expect([...binaryMessages([new Uint8Array(65_536)]).subarray(0, 11)]).toEqual(long);
  });
});
