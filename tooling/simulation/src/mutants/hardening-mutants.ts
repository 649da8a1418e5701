import { type Mutant, mutant } from './mutant.js';

const cipher = 'session/frame-cipher.js';
const clientHandshake = 'session/client-handshake.js';
const reconnect = 'client/reconnect.js';

/** Faults that show only where somebody on the way alters frames, forges closes, or sends again what came before. */
export const hardeningMutants: readonly Mutant[] = [
  mutant(
    'iv-unchecked',
    'a frame is opened without a look at its synthetic IV',
    'I4',
    cipher,
    'timingSafeEqual(iv, ivs.next(padded))',
    '(ivs.next(padded), true)',
  ),
  mutant(
    'iv-without-number',
    'the synthetic IV says nothing of the place of a frame',
    'I4',
    cipher,
    'this.#next += 1n;',
    '',
  ),
  mutant(
    'heartbeats-suffice',
    'heartbeats alone keep a hardened session, whatever else is left out',
    'I7',
    'session/liveness.js',
    'this.#unsealedAt = now + this.#deadlines.unsealed;',
    '',
  ),
  {
    id: 'unsealed-stop-believed',
    breaks: 'a close that nobody sealed stops the client of a hardened session',
    invariant: 'STOP',
    edits: [
      { file: reconnect, find: 'if (end.ownClose || !isConfirmed(end))', replace: 'if (end.ownClose)' },
      { file: reconnect, find: 'if (end.hardened && !isConfirmed(end))', replace: 'if (false)' },
      {
        file: reconnect,
        find: '!end.trusted && !isConfirmed(end) && !misfit;',
        replace: "!end.trusted && end.phase !== 'live' && !isConfirmed(end) && !misfit;",
      },
    ],
  },
  mutant(
    'forged-refusal-believed',
    'on a plain link a client stops for what anybody may have said before the server proved itself',
    'STOP',
    reconnect,
    'const forgeable = !end.trusted && !isConfirmed(end) && !misfit;',
    'const forgeable = false;',
  ),
  mutant(
    'proved-misfit-ignored',
    'a client whose state another process has gone beyond dials for ever',
    'I7',
    reconnect,
    "end.hardened && end.ownClose && codeOf(end.error) === 'E_DESYNC'",
    'false',
  ),
  mutant(
    'pin-not-kept',
    'nothing tells the next process that the server has proved itself',
    'PIN',
    'client/pin.js',
    'this.#saving = this.#state.save({ pin: pinned });',
    'this.#saving = Promise.resolve();',
  ),
  mutant(
    'pin-after-signature',
    'a client signs before its pin is durable',
    'PIN',
    'client/pin.js',
    'await this.#saving;',
    '',
  ),
  mutant(
    'pin-unproved',
    'a server is pinned that has proved nothing',
    'PIN',
    'client/connection.js',
    'if (this.#hardened)\n            this.#memory.pin.keep();',
    'this.#memory.pin.keep();',
  ),
  mutant(
    'replays-confused',
    'a challenge is taken for one that came before',
    'I7',
    'session/replay-memory.js',
    'this.#sha256(secret).subarray(0, 16)',
    'this.#sha256(secret).subarray(0, 0)',
  ),
  {
    id: 'welcome-replayed',
    breaks: 'a client takes the welcome of an earlier session',
    invariant: 'REPLAY',
    edits: [
      { file: clientHandshake, find: '!replays.remember(dataToSign)', replace: 'false' },
      { file: clientHandshake, find: '!replays.remember(serverAesKey)', replace: 'false' },
    ],
  },
  mutant(
    'hello-replayed',
    'a server takes the AES key of an earlier session',
    'REPLAY',
    'session/server-handshake.js',
    'const fresh = replays.remember(hello.clientAesKey);',
    'const fresh = true;',
  ),
  mutant(
    'server-key-repeated',
    'a server uses one AES key for all its sessions, as a recorded welcome would',
    'I7',
    'session/server-handshake.js',
    'const serverAesKey = this.#crypto.randomBytes(32);',
    'const serverAesKey = new Uint8Array(32);',
  ),
];
