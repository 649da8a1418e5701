import { ReplayMemory } from '@sealwire/session';
import type { ClientError } from './errors.js';
import type { ConnectionSettings } from './options.js';
import { Pin } from './pin.js';

/** Challenges and AES keys of sessions of the document; each has one of both. */
const maxRemembered = 10_000;

/** What outlasts a connection and has a part in the handshakes of all. */
export class Memory {
  readonly pin: Pin;
  readonly replays: ReplayMemory;

  /** @param failed the state did: nothing can be promised any more */
  constructor(
    savedPin: Uint8Array | undefined,
    { state, crypto }: Pick<ConnectionSettings, 'state' | 'crypto'>,
    failed: (error: ClientError) => void,
  ) {
    this.pin = new Pin(savedPin, state, failed);
    this.replays = new ReplayMemory(crypto, maxRemembered);
  }
}
