/**
 * - `'prefer'`: a hardened session with a peer that knows it, a session of the document with any other;
 * - `'require'`: a hardened session or none;
 * - `'off'`: always a session of the document.
 */
export type HardeningMode = 'prefer' | 'require' | 'off';

export const hardeningModes: readonly HardeningMode[] = ['prefer', 'require', 'off'];

/** Whether a session is hardened, and if it is not, why. */
export type SessionHardening =
  | 'hardened'
  /** This side does not want it. */
  | 'off'
  /** Client: the server does not bind its challenge. */
  | 'not-offered'
  /** Server: the client did not accept the offer, or did not understand it. */
  | 'declined'
  /** Server: the welcome with a bound challenge does not fit the client's key. */
  | 'small-key';
