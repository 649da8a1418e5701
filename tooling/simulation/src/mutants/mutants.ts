import { clientMutants } from './client-mutants.js';
import { hardeningMutants } from './hardening-mutants.js';
import type { Mutant } from './mutant.js';
import { serverMutants } from './server-mutants.js';
import { storeMutants } from './store-mutants.js';

/** Faults that the simulation has to find. */
export const mutants: readonly Mutant[] = [
  ...clientMutants,
  ...hardeningMutants,
  ...serverMutants,
  ...storeMutants,
];
