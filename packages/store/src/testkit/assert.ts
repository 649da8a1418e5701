/** Asserts of its own, so that the suites force no test runner on anybody. */

export function ok(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`not so: ${what}`);
}

/** Same by value: bigint is never number, and any kind of Uint8Array compares by its bytes. */
export function equal(actual: unknown, expected: unknown, what: string): void {
  if (!same(actual, expected)) {
    throw new Error(`${what}: expected ${show(expected)} but got ${show(actual)}`);
  }
}

/** Passes if the answer is a promise that rejects with this code. */
export async function fails(answer: unknown, code: string, what: string): Promise<void> {
  const outcome = await Promise.resolve(answer).then(
    () => 'no failure',
    (error: unknown) => codeOf(error),
  );
  equal(outcome, code, what);
}

export function throws(call: () => unknown, code: string, what: string): void {
  let outcome = 'no failure';
  try {
    call();
  } catch (error) {
    outcome = codeOf(error);
  }
  equal(outcome, code, what);
}

/** Rejects instead of hanging, so that the message says what was awaited. */
export async function within<T>(promise: Promise<T>, what: string, milliseconds = 5000): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${milliseconds} ms: ${what}`)), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Looks again each turn until the condition holds. */
export async function until(condition: () => boolean, what: string, milliseconds = 5000): Promise<void> {
  const deadline = performance.now() + milliseconds;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${milliseconds} ms: ${what}`);
    await turn();
  }
}

/** Lets everything that is due run: microtasks, and what a store put off to the next turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code);
  return `an error without a code: ${String(error)}`;
}

function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    return a.length === b.length && a.every((byte, i) => byte === b[i]);
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [new Map(Object.entries(a)), new Map(Object.entries(b))];
  const names = new Set([...left.keys(), ...right.keys()]);
  return [...names].every((name) => same(left.get(name), right.get(name)));
}

function show(value: unknown): string {
  const text = JSON.stringify(value, (_, inner) => {
    if (typeof inner === 'bigint') return `${inner}n`;
    return inner instanceof Uint8Array ? `[${inner}]` : inner;
  });
  return text === undefined ? String(value) : text.slice(0, 500);
}
