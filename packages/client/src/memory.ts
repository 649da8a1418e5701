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
  readonly #settings: ConnectionSettings;

  /** @param failed the state did: nothing can be promised any more */
  constructor(
    savedPin: Uint8Array | undefined,
    settings: ConnectionSettings,
    failed: (error: ClientError) => void,
  ) {
    this.#settings = settings;
    this.pin = new Pin(savedPin, settings.state, failed);
    this.replays = new ReplayMemory(settings.crypto, maxRemembered);
  }

  /** What comes over a plain link is believed, because the application vouches for a server that cannot prove itself. */
  get vouched(): boolean {
    const { hardening, trustUnhardenedServer } = this.#settings;
    // One that proved itself can, and has to: from then on nothing else is its word.
    return trustUnhardenedServer && (hardening === 'off' || !this.pin.set);
  }
}
