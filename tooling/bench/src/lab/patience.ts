/**
 * Milliseconds without a byte, or without one that drains, after which sessions that are compared end. A client that is
 * given more than it can take reads on for seconds before it comes to the next heartbeat; that is what is measured.
 */
export const patience = 300_000;
