import { crypto } from '@sealwire/crypto';
import { encodeServerMessage } from '@sealwire/framing';
import { type ForgedWelcome, forgeWelcome } from './forge.js';
import type { Attack } from './road.js';

/** Answers every hello in the server's place, lets nothing through to it, and behind the proof says what `event` is. */
export function playServer(welcome: ForgedWelcome = {}, event?: readonly [bigint, unknown]): Attack {
  const { serverAesKey = crypto.randomBytes(32) } = welcome;
  return {
    toServer: async ({ kind }, road) => {
      if (kind === 'hello') road.toClient(await forgeWelcome({ ...welcome, serverAesKey }));
      if (kind === 'proof' && event !== undefined) {
        const [order, payload] = event;
        const json = new TextEncoder().encode(JSON.stringify(payload));
        const lie = encodeServerMessage('documented', order, 0, json);
        road.toClient(crypto.createSealer(serverAesKey).seal(lie));
      }
      return [];
    },
  };
}
