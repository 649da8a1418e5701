import type { FrameSealer } from './frame-cipher.js';
import { type Clock, type Deadlines, ServerLiveness } from './liveness.js';
import { ReceivedFrames } from './received-frames.js';
import type { ServerCiphers } from './server-handshake.js';

/** What a server's session has once its handshake is done. */
export class Live {
  readonly hardened: boolean;
  readonly sealer: FrameSealer;
  readonly received: ReceivedFrames;
  readonly liveness: ServerLiveness;

  constructor({ hardening, identity, opener, sealer }: ServerCiphers, deadlines: Deadlines, clock: Clock) {
    this.hardened = hardening === 'hardened';
    this.sealer = sealer;
    this.received = new ReceivedFrames(opener, identity.modulusBytes);
    this.liveness = new ServerLiveness(deadlines, clock);
  }

  /** Drops the keys. */
  destroy(): void {
    this.sealer.destroy();
    this.received.destroy();
  }
}
