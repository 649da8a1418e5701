import type { Link, LinkEvents } from '@sealwire/transport';
import type { HandshakeTap } from './recordings.js';

/**
 * What is done to one sealed frame: a bit of it is turned, it is left out, or it comes twice. `hush`: it and all after it
 * are left out, and heartbeats alone go on.
 */
export type Meddling = 'alter' | 'drop' | 'repeat' | 'hush';

/** From the client to the server, or back. */
export type Direction = 'up' | 'down';

/** The frames of the handshake, which nobody can alter without ending it. */
const handshakeFrames: Readonly<Record<Direction, number>> = { up: 2, down: 1 };

/** Somebody on the way of one connection who alters what goes through, or ends it in the name of the server. */
export class Attacker {
  readonly #next = new Map<Direction, Meddling>();
  readonly #tap: HandshakeTap | undefined;
  #endClient: ((code: number) => void) | undefined;

  constructor(tap?: HandshakeTap) {
    this.#tap = tap;
  }

  /** Does this to the next sealed frame behind the handshake, instead of what was asked for before. */
  meddle(direction: Direction, how: Meddling): void {
    this.#next.set(direction, how);
  }

  /** The client sees a close that its server never sent. */
  forgeClose(code: number): void {
    this.#endClient?.(code);
  }

  /** Stands between a link and the end that receives from this direction. */
  between(link: Link, direction: Direction, events: LinkEvents): LinkEvents {
    let seen = 0;
    let open = true;
    let tapped = 0;
    const tap = (frame: Uint8Array): Uint8Array => {
      tapped += 1;
      if (tapped === 1 || tapped === 2) return this.#tap?.passing(direction, tapped, frame) ?? frame;
      return frame;
    };
    const close: LinkEvents['close'] = (reason) => {
      if (open) events.close(reason);
      open = false;
    };
    if (direction === 'down') {
      this.#endClient = (code) => {
        close({ code, reason: '' });
        link.terminate();
      };
    }
    const pass = (frame: Uint8Array): readonly Uint8Array[] => {
      seen += 1;
      const how = this.#next.get(direction);
      // A heartbeat is one byte, and sealed with nothing.
      if (how === undefined || frame.length < 2 || seen <= handshakeFrames[direction]) return [frame];
      if (how === 'hush') return [];
      this.#next.delete(direction);
      if (how === 'drop') return [];
      if (how === 'repeat') return [frame, frame.slice()];
      // In the IV: in plain CBC it turns a bit of the first block, and garbles nothing.
      const altered = frame.slice();
      altered[15] = (altered[15] ?? 0) ^ 1;
      return [altered];
    };
    return {
      frames: (frames) => {
        const came = tapped < 2 ? frames.map(tap) : frames;
        const passed = this.#next.has(direction) ? came.flatMap(pass) : came;
        if (passed === came) seen += frames.length;
        if (open && passed.length > 0) events.frames(passed);
      },
      text: () => events.text(),
      drain: () => events.drain(),
      pong: () => events.pong(),
      close,
    };
  }
}
