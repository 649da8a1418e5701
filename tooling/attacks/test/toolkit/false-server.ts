import { crypto } from '@sealwire/crypto';
import { encodeServerMessage } from '@sealwire/framing';
import { type ForgedWelcome, forgeWelcome } from './forge.js';
import type { Attack } from './road.js';

/**
 * Answers every hello in the server's place, lets nothing through to it, and behind the proof sends this event.
 *
 * @param event its ORDER, and the payload or the bytes that are there instead
 */
export function playServer(welcome: ForgedWelcome = {}, event?: readonly [bigint, unknown]): Attack {
  let serverAesKey = new Uint8Array(0);
  return {
    toServer: async ({ kind }, road) => {
      if (kind === 'hello') {
        serverAesKey = Uint8Array.from(welcome.serverAesKey ?? crypto.randomBytes(32));
        road.toClient(await forgeWelcome({ ...welcome, serverAesKey }));
      }
      if (kind === 'proof' && event !== undefined) {
        const [order, payload] = event;
        const bytes = payload instanceof Uint8Array;
        const json = bytes ? payload : new TextEncoder().encode(JSON.stringify(payload));
        const lie = encodeServerMessage('documented', order, 0, json);
        road.toClient(crypto.createSealer(serverAesKey).seal(lie));
      }
      return [];
    },
  };
}
