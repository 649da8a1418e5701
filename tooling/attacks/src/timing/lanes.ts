export const maxLanes = 16;

/** The client of a lane: two sessions of one would replace each other. */
export const laneId = (lane: number): string => `lane${lane}`;
