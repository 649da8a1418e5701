import { type Mutant, mutant } from './mutant.js';

const cipher = 'session/frame-cipher.js';
const reconnect = 'client/reconnect.js';

/** Faults that show only where somebody on the way of a hardened session alters frames or forges closes. */
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
];
