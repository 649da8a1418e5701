export type ViolationKind =
  /** Something came out that the function does not declare. */
  | 'undeclared error'
  /** One call took too long, three times over. */
  | 'time'
  /** One call allocated too much, three times over. */
  | 'memory'
  /** The call never came back. */
  | 'hang'
  /** What the target says of every input does not hold for this one. */
  | 'rule';

/** An input that does what no input may do. */
export class Violation extends Error {
  override readonly name = 'Violation';
  readonly kind: ViolationKind;

  constructor(kind: ViolationKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.kind = kind;
  }
}

/** States what holds for every input. */
export function rule(holds: boolean, words: string): asserts holds {
  if (!holds) throw new Violation('rule', words);
}

export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

export function ruleSameBytes(actual: Uint8Array, expected: Uint8Array, words: string): void {
  rule(sameBytes(actual, expected), words);
}
