/** What every run is held to. */
export const invariants = {
  I1: 'a message that was accepted has exactly one effect',
  I2: 'effects come in the order of SEQUENCE, without a hole',
  I3: 'what was handed over or confirmed is durable',
  I4: "a client's handler sees exactly what was published for it, in order, or an explicit gap",
  I5: 'LAST SEEN SEQUENCE and the head ORDER never go back',
  I6: 'at most one session per client can commit',
  I7: 'every promise settles once the world has healed',
  I8: 'queues, timers and links stay within bounds',
  I9: 'no payload appears in an error or an event',
  PIN: 'a server that has proved itself once has to do so for ever, and only such a one',
  REPLAY: 'nobody goes on after a message of a handshake that was before',
  RPC: 'a request is answered at most once, and sees what was sent before it',
  STOP: 'a client stops for a documented reason only',
} as const;

export type Invariant = keyof typeof invariants;

export interface Violation {
  readonly invariant: Invariant;
  readonly words: string;
  /** Virtual milliseconds. */
  readonly at: number;
}
