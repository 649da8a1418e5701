import { type LinkClose, linkPair } from '@sealwire/transport';
import { describe, expect, it } from 'vitest';
import { Attacker, SimClock } from '../src/index.js';

const frame = (byte: number) => new Uint8Array(32).fill(byte);

/** A client's end behind an attacker, and what reached the client. */
function world() {
  const clock = new SimClock();
  const { client, server } = linkPair({
    scheduler: { now: () => clock.now, wallSeconds: () => 0, after: (ms, run) => clock.after(ms, run) },
  });
  const attacker = new Attacker();
  const frames: Uint8Array[] = [];
  const closes: LinkClose[] = [];
  client.start(
    attacker.between(client, 'down', {
      frames: (came) => void frames.push(...came),
      text() {},
      drain() {},
      pong() {},
      close: (close) => void closes.push(close),
    }),
  );
  const run = () => {
    while (clock.step(Number.POSITIVE_INFINITY));
  };
  const send = (...sent: Uint8Array[]) => {
    server.send(sent);
    run();
  };
  return { attacker, frames, closes, send, run };
}

describe('an attacker', () => {
  it('lets all pass who was not told to do anything', () => {
    const { frames, send } = world();
    send(frame(0), frame(1));
    expect(frames).toEqual([frame(0), frame(1)]);
  });

  it.each([
    ['drop', 1],
    ['repeat', 3],
    ['alter', 2],
  ] as const)('told to %s does it to one sealed frame behind the handshake', (how, count) => {
    const { attacker, frames, send } = world();
    attacker.meddle('up', 'drop');
    attacker.meddle('down', how);
    send(frame(0));
    expect(frames).toEqual([frame(0)]);
    frames.length = 0;
    send(Uint8Array.of(0), frame(1), frame(2));
    expect(frames[0]).toEqual(Uint8Array.of(0));
    expect(frames.at(-1)).toEqual(frame(2));
    expect(frames).toHaveLength(1 + count);
    if (how === 'alter') expect(frames[1]).not.toEqual(frame(1));
    frames.length = 0;
    send(frame(3));
    expect(frames).toEqual([frame(3)]);
  });

  it('told to hush lets only heartbeats through', () => {
    const { attacker, frames, send } = world();
    send(frame(0));
    attacker.meddle('down', 'hush');
    send(frame(1), Uint8Array.of(0));
    send(frame(2));
    expect(frames).toEqual([frame(0), Uint8Array.of(0)]);
  });

  it('ends the link once, with the code that it forges, and nothing comes after it', () => {
    const { attacker, frames, closes, send, run } = world();
    send(frame(0));
    attacker.forgeClose(4000);
    run();
    send(frame(1));
    expect(closes).toEqual([{ code: 4000, reason: '' }]);
    expect(frames).toEqual([frame(0)]);
  });
});
