import { crypto } from '@sealwire/crypto';
import { describe, expect, it } from 'vitest';
import { SessionError } from '../src/index.js';
import { ReceivedFrames } from '../src/received-frames.js';
import { clientKey } from './support/keys.js';
import { signedFrame } from './support/peers.js';

const key = crypto.randomBytes(32);

async function verify(job: ReturnType<ReceivedFrames['take']>): Promise<boolean> {
  if (job?.kind !== 'verify') return expect.unreachable();
  return clientKey.publicKey.verify(job.bytes, job.signature);
}

describe('a received frame', () => {
  it('is none with any one of its bits flipped [S55, F6]', async () => {
    const frame = crypto.createSealer(key).seal(await signedFrame(1, 0n, '{}'));
    const accepted: number[] = [];
    for (let bit = 0; bit < 8 * frame.length; bit += 1) {
      const received = new ReceivedFrames(crypto.createOpener(key), 256);
      const altered = frame.with(bit >> 3, (frame[bit >> 3] ?? 0) ^ (1 << (bit & 7)));
      const verdict = received.verified(await verify(received.take(altered, 'documented', 7)));
      if (!(verdict?.frame instanceof SessionError)) accepted.push(bit);
    }
    expect(accepted).toEqual([]);
    const received = new ReceivedFrames(crypto.createOpener(key), 256);
    const verdict = received.verified(await verify(received.take(frame, 'documented', 7)));
    expect(verdict).toMatchObject({ frame: { type: 1, number: 0n }, since: 7 });
  });

  it('costs a verification that takes as long as any, whatever is wrong with it [M10]', async () => {
    const received = new ReceivedFrames(crypto.createOpener(key), 257);
    const job = received.take(new Uint8Array(31), 'documented', 7);
    // Below the modulus, or it would be refused before it is raised to any power.
    expect(job).toMatchObject({
      kind: 'verify',
      bytes: { length: 31 },
      signature: { length: 257, 0: 0, 1: 0x5a },
    });
  });
});
