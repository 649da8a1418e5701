import type { Invariant } from '../oracle/violation.js';

/** A replacement in a built module. `find` must occur exactly once. */
export interface Edit {
  /** Package without its scope, then the path in its `dist`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A fault in the meaning of the program. */
export interface Mutant {
  readonly id: string;
  readonly breaks: string;
  /** What should notice. */
  readonly invariant: Invariant;
  readonly edits: readonly Edit[];
}

/** A mutant of one edit. */
export function mutant(
  id: string,
  breaks: string,
  invariant: Invariant,
  file: string,
  find: string,
  replace: string,
): Mutant {
  return { id, breaks, invariant, edits: [{ file, find, replace }] };
}
