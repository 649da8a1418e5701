import type { ServerSessionOptions } from '@sealwire/session';
import type { ReadLimit } from '@sealwire/store';
import type { Admission } from './admission.js';
import type { ClientKeys } from './client-keys.js';
import type { Clients } from './clients.js';
import type { Decoys } from './decoys.js';
import type { ServerEvent } from './events.js';
import type { Gate } from './gate.js';
import type { HardenedClients } from './hardened-clients.js';
import type { KeyedBuckets } from './keyed-buckets.js';
import type { Logins } from './login-rate.js';
import type { Settings } from './options.js';
import type { Overloads } from './overloads.js';
import type { PoisonList } from './poison-list.js';
import type { HandlerRunner } from './run-handler.js';
import type { Ticker } from './ticker.js';
import type { Turns } from './turns.js';

/** What all connections of a server have in common. */
export interface Shared {
  readonly settings: Settings;
  readonly keys: ClientKeys;
  readonly clients: Clients;
  readonly admission: Admission;
  readonly logins: Logins;
  /** With a `rateLimit`: what each client may still send, over all its sessions. */
  readonly frames: KeyedBuckets | undefined;
  readonly rsa: Gate;
  readonly handlers: HandlerRunner;
  readonly ticker: Ticker;
  readonly turns: Turns;
  readonly overloads: Overloads;
  readonly poison: PoisonList;
  readonly decoys: Decoys;
  /** Of each batch of messages. */
  readonly readLimit: ReadLimit;
  /** The same object for all links that can ping, and one for all others. */
  sessionOptions(pings: boolean): ServerSessionOptions;
  readonly hardenedClients: HardenedClients;
  emit(event: ServerEvent): void;
  /** The next number of a welcome. */
  nextWelcome(): number;
}
