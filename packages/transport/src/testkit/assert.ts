/** Fails a test; any runner reports a thrown Error. */
export function assert(fact: boolean, message: string): asserts fact {
  if (!fact) throw new Error(message);
}

export function equal<Value>(actual: Value, expected: Value, what: string): void {
  if (!Object.is(actual, expected))
    throw new Error(`${what}: ${String(actual)} instead of ${String(expected)}`);
}

export function equalBytes(actual: Uint8Array | undefined, expected: Uint8Array, what: string): void {
  assert(actual !== undefined, `${what}: nothing came`);
  equal(actual.length, expected.length, `length of ${what}`);
  for (let i = 0; i < expected.length; i++) {
    // Compared before the message is built: a frame has up to millions of bytes.
    if (actual[i] !== expected[i]) equal(actual[i], expected[i], `byte ${i} of ${what}`);
  }
}

/** The code of the error that `call` throws or rejects with. */
export async function codeOfFailure(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
  throw new Error('it succeeded');
}

/** Lets the platform's pending events come in. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

const PATIENCE_MS = 10_000;

/** Waits for a fact; the deadline turns a hang into a failure that says what did not happen. */
export async function until(fact: () => boolean, what: string, patience = PATIENCE_MS): Promise<void> {
  const deadline = performance.now() + patience;
  while (!fact()) {
    assert(performance.now() < deadline, `${what}: did not happen within ${patience} ms`);
    await turn();
  }
}
