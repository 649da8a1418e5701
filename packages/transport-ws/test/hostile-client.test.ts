import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Attacked, attacked, clientFrame, type RawPeer, release } from './raw.js';

const BINARY = 0x82;
const PONG = 0x8a;

async function against(
  fact: (attack: Attacked) => Promise<void>,
  options: Parameters<typeof attacked>[0] = {},
  half = false,
): Promise<void> {
  const attack = await attacked(options, half);
  try {
    await fact(attack);
  } finally {
    await release(attack);
  }
}

/** Of the pings that came, once there are so many and nothing else. */
async function payloadsOf(peer: RawPeer, pings: number): Promise<string[]> {
  const payloads = (received: Buffer) => {
    const found: string[] = [];
    for (let at = 0; received[at] === 0x89; ) {
      const end = at + 2 + (received[at + 1] ?? 0);
      if (end > received.length) break;
      found.push(received.toString('latin1', at + 2, end));
      at = end;
    }
    return found;
  };
  return payloads(await peer.until((received) => payloads(received).length >= pings));
}

/** What a server sends to close: no mask, code, reason. */
const closeFrame = (code: number) => Buffer.from([0x88, 2, code >> 8, code & 0xff]);

describe('a link at a listener', () => {
  it('hands over all frames of one read as one list [N10]', () =>
    against(async ({ peer, witness }) => {
      const frames = Array.from({ length: 50 }, (_, i) => clientFrame(BINARY, `frame ${i}`));
      await peer.write(Buffer.concat(frames));
      await witness.until(({ lists }) => lists.length > 0);
      expect(witness.lists).toEqual([Array.from({ length: 50 }, (_, i) => `frame ${i}`)]);
    }));

  it('hands over frames that keep little more than their own bytes, whatever came between them', () =>
    against(async ({ peer, witness }) => {
      const pongs = Buffer.concat(new Array(400).fill(clientFrame(PONG, new Uint8Array(125))));
      const behind = [clientFrame(BINARY, 'one'), pongs];
      const before = [pongs, clientFrame(BINARY, 'two')];
      for (const bytes of [...behind, ...before]) peer.socket.write(bytes);
      await witness.until(({ lists }) => lists.length > 1);
      expect(witness.lists).toEqual([['one'], ['two']]);
      expect(witness.kept).toBeLessThan(1_000);
    }));

  it('puts together a frame that comes byte by byte [N9]', () =>
    against(async ({ peer, witness }) => {
      for (const byte of clientFrame(BINARY, 'x'.repeat(200))) await peer.write(Uint8Array.of(byte));
      await witness.until(({ lists }) => lists.length > 0);
      expect(witness.lists).toEqual([['x'.repeat(200)]]);
    }));

  it.each([
    ['a part of a frame', clientFrame(BINARY, 'x'.repeat(200)).subarray(0, 20)],
    ['one byte', Uint8Array.of(BINARY)],
    ['a ping', clientFrame(0x89, '')],
  ])('has not been silent for long after %s [N9]', (_, bytes) =>
    against(async ({ peer, witness, link }) => {
      const silentFor = () => link.silentFor ?? Number.NaN;
      while (!(silentFor() > 50)) await setTimeout(5);
      const sentAt = performance.now();
      await peer.write(bytes);
      while (silentFor() > performance.now() - sentAt) await setTimeout(5);
      expect(witness.lists).toEqual([]);
    }),
  );

  it('puts together 64 fragments, with a ping among them [F3]', () =>
    against(async ({ peer, witness }) => {
      const middle = Array.from({ length: 62 }, () => clientFrame(0x00, 'm'));
      const ping = clientFrame(0x89, 'p');
      await peer.write(Buffer.concat([clientFrame(0x02, 'a'), ...middle, ping, clientFrame(0x80, 'z')]));
      await witness.until(({ lists }) => lists.length > 0);
      expect(witness.lists).toEqual([[`a${'m'.repeat(62)}z`]]);
      await peer.until((received) => received.includes(Buffer.from([0x8a, 1, 0x70])));
    }));

  it('takes no pong for the answer to a ping that was not read, and lets none spoil what is [M5]', () =>
    against(async ({ peer, link, witness }) => {
      for (let n = 0; n < 4; n++) link.pinging?.ping();
      const pings = await payloadsOf(peer, 4);
      const [first = '', second = '', , fourth = ''] = pings;
      expect(new Set(pings).size).toBe(4);
      const forged = ['', first.slice(1), `${first}=`, `${first.slice(0, -1)}!`, 'x'.repeat(125)];
      await peer.write(Buffer.concat(forged.map((payload) => clientFrame(PONG, payload))));
      await peer.write(clientFrame(BINARY, 'after the forged'));
      await witness.until(({ lists }) => lists.length === 1);
      expect(witness.pongs).toBe(0);
      await peer.write(Buffer.concat([first, first].map((payload) => clientFrame(PONG, payload))));
      await peer.write(clientFrame(BINARY, 'after the first'));
      await witness.until(({ lists }) => lists.length === 2);
      expect(witness.pongs).toBe(1);
      // A later one answers those before it too, and then they count no more.
      await peer.write(Buffer.concat([fourth, second].map((payload) => clientFrame(PONG, payload))));
      await peer.write(clientFrame(BINARY, 'after the last'));
      await witness.until(({ lists }) => lists.length === 3);
      expect(witness.pongs).toBe(4);
      expect(witness.closes).toEqual([]);
    }));

  it('is cut off once more than 1,000 pongs came in a second that answer nothing', () =>
    against(async ({ peer, witness }) => {
      const pongs = Buffer.concat(new Array(1_000).fill(clientFrame(PONG, 'none')));
      await peer.write(Buffer.concat([pongs, clientFrame(BINARY, 'one')]));
      await witness.until(({ lists }) => lists.length > 0);
      expect(witness.closes).toEqual([]);
      await peer.write(Buffer.concat([pongs, pongs]));
      await witness.until(({ closes }) => closes.length > 0);
      expect(witness.closes).toMatchObject([{ code: 1006 }]);
    }));

  it('is cut off once more than 1,000 pings came in a second with nothing else', () =>
    against(async ({ peer, witness }) => {
      const ping = clientFrame(0x89, '');
      const some = Buffer.concat(new Array(50).fill(ping));
      let pongs = 0;
      while (witness.closes.length === 0) {
        await peer.write(some);
        pongs += 50;
        const answered = peer.until((received) => received.length >= pongs * 2).catch(() => undefined);
        await Promise.race([answered, witness.until(({ closes }) => closes.length > 0)]);
      }
      expect(witness.closes).toMatchObject([{ code: 1006 }]);
      expect(peer.received.length / 2).toBeGreaterThanOrEqual(950);
    }));

  it('stays where the pings come with what they measure', () =>
    against(async ({ peer, witness }) => {
      const frame = clientFrame(BINARY, new Uint8Array(16_384));
      const some = Buffer.concat(new Array(40).fill([frame, clientFrame(0x89, '')]).flat());
      for (let pings = 40; pings <= 2_000; pings += 40) {
        await peer.write(some);
        await peer.until((received) => received.length >= pings * 2);
      }
      await peer.write(clientFrame(BINARY, 'last'));
      await witness.until(({ lists }) => lists.at(-1)?.at(-1) === 'last');
      expect(witness.closes).toEqual([]);
    }));

  it('hands over at most 1,024 frames at once', () =>
    against(async ({ peer, witness }) => {
      const sent = Array.from({ length: 5_000 }, (_, i) => `${i}`);
      await peer.write(Buffer.concat(sent.map((text) => clientFrame(BINARY, text))));
      await witness.until(({ lists }) => lists.flat().length === 5_000);
      expect(witness.lists.flat()).toEqual(sent);
      expect(Math.max(...witness.lists.map(({ length }) => length))).toBe(1_024);
    }));

  it('reads what was under way when it closed, up to the confirmation', () =>
    against(async ({ peer, link, witness }) => {
      link.close(4000, '');
      const late = new Array(4_096).fill(clientFrame(BINARY, 'late'));
      await peer.write(Buffer.concat([...late, clientFrame(0x88, Uint8Array.of(0x0f, 0xa0))]));
      expect(await witness.closed()).toEqual({ code: 4000, reason: '' });
      expect(witness.lists).toEqual([]);
    }));

  it('is cut off once more than 4,096 messages came after its close', () =>
    against(
      async ({ peer, link, witness }) => {
        link.close(4000, '');
        const closedAt = performance.now();
        await peer.write(Buffer.concat(new Array(5_000).fill(clientFrame(BINARY, ''))));
        expect(await witness.closed()).toMatchObject({ code: 1006 });
        expect(performance.now() - closedAt).toBeLessThan(30_000);
      },
      { closeTimeout: 60_000 },
    ));

  it('sends at most 64 pings that nobody answers [M5]', () =>
    against(async ({ peer, link, witness }) => {
      for (let n = 0; n < 100; n++) link.pinging?.ping();
      const pings = await payloadsOf(peer, 64);
      await peer.write(clientFrame(PONG, pings[63] ?? ''));
      await witness.until(({ pongs }) => pongs === 64);
      link.pinging?.ping();
      expect(await payloadsOf(peer, 65)).toHaveLength(65);
    }));

  it('tells of a text after the frames before it and before those after it', () =>
    against(async ({ peer, witness }) => {
      await peer.write(
        Buffer.concat([clientFrame(BINARY, 'one'), clientFrame(0x81, 'secret'), clientFrame(BINARY, 'two')]),
      );
      await witness.until(({ lists }) => lists.length > 2);
      expect(witness.lists).toEqual([['one'], ['a text message'], ['two']]);
    }));

  const violations: [string, number, Uint8Array][] = [
    [
      '65 fragments',
      1008,
      Buffer.concat([clientFrame(0x02, 'a'), ...Array(65).fill(clientFrame(0x00, 'm'))]),
    ],
    [
      'a million empty fragments',
      1008,
      Buffer.concat([clientFrame(0x02, ''), ...Array(1e6).fill(clientFrame(0, ''))]),
    ],
    ['a declared length of 2^63', 1009, Buffer.from([0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0])],
    ['a declared length of 65,537', 1009, Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 1])],
    ['a compressed frame (RSV1)', 1002, clientFrame(0xc2, 'x')],
    ['RSV2', 1002, clientFrame(0xa2, 'x')],
    ['a frame without mask', 1002, Buffer.from([0x82, 1, 0x78])],
    ['a reserved opcode', 1002, clientFrame(0x83, 'x')],
    ['a continuation of nothing', 1002, clientFrame(0x80, 'x')],
    ['a ping of 126 bytes', 1002, clientFrame(0x89, 'x'.repeat(126))],
    ['a fragmented ping', 1002, clientFrame(0x09, 'x')],
    ['a close frame with code 1005', 1002, clientFrame(0x88, Uint8Array.of(0x03, 0xed))],
    ['a close frame of 1 byte', 1002, clientFrame(0x88, Uint8Array.of(0x03))],
    ['a close reason that is not UTF-8', 1007, clientFrame(0x88, Uint8Array.of(0x0f, 0xa0, 0xff))],
    ['a text that is not UTF-8', 1007, clientFrame(0x81, Uint8Array.of(0xff))],
  ];
  for (const [what, code, bytes] of violations) {
    it(`answers ${what} with ${code}, to the peer and to the owner`, () =>
      against(async ({ peer, witness }) => {
        peer.socket.write(clientFrame(BINARY, 'before'));
        peer.socket.write(bytes);
        expect(await witness.closed()).toMatchObject({
          code,
          reason: '',
          violation: true,
          cause: { code: expect.stringMatching(/^WS_ERR_/) },
        });
        expect(witness.lists).toEqual([['before']]);
        expect(witness.texts).toBe(0);
        expect((await peer.rest()).subarray(0, 4)).toEqual(closeFrame(code));
      }));
  }

  it('tells 1005 for a close frame without a code', () =>
    against(async ({ peer, witness }) => {
      await peer.write(clientFrame(0x88, ''));
      expect(await witness.closed()).toEqual({ code: 1005, reason: '' });
    }));

  it('tells 1006 and the cause when the peer resets the connection [N1]', () =>
    against(async ({ peer, witness }) => {
      await peer.write(clientFrame(BINARY, 'last'));
      await witness.until(({ lists }) => lists.length > 0);
      peer.socket.resetAndDestroy();
      expect(await witness.closed()).toMatchObject({ code: 1006, cause: { code: 'ECONNRESET' } });
    }));

  it('never delivers a frame that was cut, at whatever byte [N8]', async () => {
    const frame = clientFrame(BINARY, 'a frame');
    for (let cut = 1; cut < frame.length; cut++) {
      await against(async ({ peer, witness }) => {
        await peer.write(Buffer.concat([clientFrame(BINARY, 'whole'), frame.subarray(0, cut)]));
        peer.socket.end();
        expect(await witness.closed()).toEqual({ code: 1006, reason: '' });
        expect(witness.lists).toEqual([['whole']]);
      });
    }
  });

  it('terminates when the peer has closed its half and does not read [N16]', () =>
    against(
      async ({ peer, link, witness }) => {
        peer.socket.pause();
        const frame = new Uint8Array(65_536);
        while (link.bufferedBytes === 0) link.send(Array(64).fill(frame));
        peer.socket.end();
        expect(await witness.closed()).toEqual({ code: 1006, reason: '' });
      },
      { closeTimeout: 50 },
      true,
    ));

  it('terminates when the peer does not confirm a close [N16]', () =>
    against(
      async ({ peer, link, witness }) => {
        link.close(4000, 'bye');
        expect(await witness.closed()).toEqual({ code: 1006, reason: '' });
        expect(await peer.rest()).toEqual(Buffer.from('\x88\x05\x0f\xa0bye', 'latin1'));
      },
      { closeTimeout: 50 },
    ));
});
