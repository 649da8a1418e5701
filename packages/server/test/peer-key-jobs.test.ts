import type { Job } from '@sealwire/session';
import { describe, expect, it } from 'vitest';
import { PeerKeyJobs } from '../src/peer-key-jobs.js';
import type { Turn, Turns } from '../src/turns.js';

/** A turn for each that asks, when the test says so. */
function byHand() {
  const queue: Turn[] = [];
  const takeTurn = () => queue.shift()?.takeTurn();
  return { turns: { queue: (turn: Turn) => queue.push(turn) } as unknown as Turns, takeTurn, queue };
}

function frames(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, n) => Uint8Array.of(n));
}

describe('the operations with the key of a client', () => {
  it('are done four a turn, in the order of their coming, so that others have theirs in between', () => {
    const { turns, takeTurn, queue } = byHand();
    const seen: number[] = [];
    const jobs = new PeerKeyJobs(turns, { now: () => 0 }, { receive: ([n = -1]) => seen.push(n) });
    jobs.take(frames(6));
    takeTurn();
    expect(seen).toEqual([0, 1, 2, 3]);
    expect(queue).toEqual([jobs]);
    takeTurn();
    expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
    expect(queue).toEqual([]);
  });

  it('are done one a turn where each takes long', () => {
    const { turns, takeTurn } = byHand();
    let now = 0;
    let seen = 0;
    const receive = () => {
      seen += 1;
      now += 1;
    };
    const jobs = new PeerKeyJobs(turns, { now: () => now }, { receive });
    jobs.take(frames(3));
    takeTurn();
    expect(seen).toBe(1);
    takeTurn();
    expect(seen).toBe(2);
  });

  it('wait for a turn, but for that of the frame that is looked at', async () => {
    const { turns, takeTurn } = byHand();
    const begun: string[] = [];
    const key = { verify: async (bytes: Uint8Array) => begun.push(`job ${bytes[0]}`) > 0 } as never;
    const job = (n: number): Job => ({ kind: 'verify', bytes: Uint8Array.of(n), signature: Uint8Array.of() });
    const jobs = new PeerKeyJobs(
      turns,
      { now: () => 0 },
      {
        receive([n = -1]) {
          begun.push(`frame ${n}`);
          void jobs.run(key, job(n));
        },
      },
    );
    const first = jobs.run(key, job(9));
    jobs.take(frames(2));
    expect(begun).toEqual([]);
    takeTurn();
    expect(begun).toEqual(['job 9', 'frame 0', 'job 0', 'frame 1', 'job 1']);
    expect(await first).toBe(true);
  });

  it('are not done once the connection has ended', () => {
    const { turns, takeTurn, queue } = byHand();
    let seen = 0;
    const jobs = new PeerKeyJobs(turns, { now: () => 0 }, { receive: () => (seen += 1) });
    jobs.take(frames(6));
    takeTurn();
    jobs.end();
    takeTurn();
    expect([seen, queue]).toEqual([4, []]);
  });
});
