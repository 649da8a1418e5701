import type { Crypto } from '@sealwire/crypto';
import { ReplayMemory } from './replay-memory.js';

/** Frames of one session that are told apart; the oldest are forgotten. */
const maxSeenFrames = 65_536;
const ivBytes = 16;

/**
 * Refuses a sealed frame that came before in a session of the document. The IV does not count: whoever is on the way
 * may change it. A peer that keeps one IV for many frames may repeat itself, so it is left alone.
 */
export class SeenFrames {
  readonly #bodies: ReplayMemory;
  #lastIv: Uint8Array = new Uint8Array(0);
  #keepsIv = false;

  constructor(crypto: Pick<Crypto, 'sha256'>) {
    this.#bodies = new ReplayMemory(crypto, maxSeenFrames);
  }

  /** @returns false for a frame that must be refused */
  admit(frame: Uint8Array): boolean {
    const iv = frame.slice(0, ivBytes);
    const sameIv = iv.length === ivBytes && iv.every((byte, index) => byte === this.#lastIv[index]);
    this.#lastIv = iv;
    const fresh = this.#bodies.remember(frame.subarray(ivBytes));
    // Whoever writes an IV over another garbles the first block, and so the frame is not read.
    if (fresh && sameIv) this.#keepsIv = true;
    return fresh || this.#keepsIv;
  }
}
