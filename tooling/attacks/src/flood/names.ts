/** Clients of the flooded server. */
export const witnessId = (n: number): string => `witness${n}`;
