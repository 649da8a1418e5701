import type { Dialer, Link, LinkEvents, Listen } from '@sealwire/transport';

/** Stands between a link and its owner. */
export type Tap = (events: LinkEvents, link: Link) => LinkEvents;

/** Sees what is sent over a link, and sends it, now or later. */
export type SendTap = (frames: readonly Uint8Array[], link: Link) => void;

function tapped(link: Link, tap: Tap, send: SendTap = (frames) => link.send(frames)): Link {
  return {
    start: (events) => link.start(tap(events, link)),
    send: (frames) => send(frames, link),
    get bufferedBytes() {
      return link.bufferedBytes;
    },
    maxFrameBytes: link.maxFrameBytes,
    close: (code, reason) => link.close(code, reason),
    terminate: () => link.terminate(),
    secure: link.secure,
    local: link.local,
    remoteAddress: link.remoteAddress,
    ...(link.pausing && { pausing: link.pausing }),
    ...(link.pinging && { pinging: link.pinging }),
  };
}

export function tappedDialer(dial: Dialer, tap: Tap, send?: SendTap): Dialer {
  return async (options) => tapped(await dial(options), tap, send);
}

export function tappedListen(listen: Listen, tap: Tap, send?: SendTap): Listen {
  return (accept) => listen((link) => accept(tapped(link, tap, send)));
}

/** Changes nothing. */
export const untapped: Tap = (events) => events;

/** Hands all on. The owner of a link may be an object with methods, which a spread would lose. */
export function forwarded(events: LinkEvents): LinkEvents {
  return {
    frames: (frames) => events.frames(frames),
    text: () => events.text(),
    drain: () => events.drain(),
    pong: () => events.pong(),
    close: (close) => events.close(close),
  };
}

/** Hands frames on only in batches of `size`, as if one read had brought them; what is left when none comes, too. */
export function coalesced(size: number): Tap {
  return (events) => {
    let waiting: Uint8Array[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const hand = () => {
      const frames = waiting;
      waiting = [];
      if (frames.length > 0) events.frames(frames);
    };
    return {
      ...forwarded(events),
      frames: (frames) => {
        clearTimeout(timer);
        for (const frame of frames) {
          waiting.push(frame);
          if (waiting.length === size) hand();
        }
        timer = setTimeout(hand, 500);
      },
      close: (close) => {
        clearTimeout(timer);
        hand();
        events.close(close);
      },
    };
  };
}
