import { allocated, allocatedBy } from './memory.js';
import { Violation } from './violation.js';

/** Milliseconds that a call may take (docs: reliability, "no hang over 50 ms"). */
export const longestCall = 50;
/** Bytes that a call may allocate whatever it is given, … */
export const freeBytes = 65_536;
/** … and for each byte that it is given, unless the target says why it is more. */
export const usualFactor = 4;

/** The error that a function declares; the input was refused. */
export class Refusal {
  readonly error: Error & { readonly code?: unknown };

  constructor(error: Error) {
    this.error = error;
  }
}

/** Which errors may come out: those of one class, with one of its codes. */
export interface Declared {
  readonly name: string;
  readonly codes: ReadonlySet<string>;
}

/** By name, as users are told to: a program may hold two copies of a package. */
export function declared(name: string, codes: Iterable<string>): Declared {
  return { name, codes: new Set(codes) };
}

export interface CallOptions {
  /** Bytes that it may allocate for each byte of input. Default {@link usualFactor}. */
  readonly factor?: number;
}

/** Watches calls of the code under test: what comes out, how long it takes, what it allocates. */
export class Probe {
  /** Milliseconds of the slowest call so far. */
  slowest = 0;
  /** How many calls there were. */
  calls = 0;
  /** The buffers of the last call alone were too much. */
  inBuffers = false;
  readonly #exact: number | undefined;

  /** @param exact the number of the one call whose allocations are measured, which takes some 20 ms */
  constructor(exact?: number) {
    this.#exact = exact;
  }

  /**
   * @param size bytes of input that the call works on
   * @throws Violation
   */
  call<T>(size: number, errors: Declared | undefined, act: () => T, options: CallOptions = {}): T | Refusal {
    let result: T | Refusal | undefined;
    let time = 0;
    const timed = (): void => {
      const began = performance.now();
      try {
        result = act();
      } catch (error) {
        result = refusal(error, errors);
      } finally {
        time = performance.now() - began;
      }
    };
    this.calls += 1;
    const { heap, buffers } = this.#bytesOf(timed);
    // The profiler takes its time too.
    if (this.#exact === undefined) this.#judge(time);
    const bound = (options.factor ?? usualFactor) * size + freeBytes;
    this.inBuffers = buffers > bound;
    if (heap + buffers > bound) {
      throw new Violation('memory', `allocated more than ${bound} bytes for ${size} of input`);
    }
    return result as T | Refusal;
  }

  /**
   * For what works on other threads, such as OpenSSL's. Neither time nor memory is judged: the one is that of a busy
   * machine, the other everybody's.
   */
  async callAsync<T>(errors: Declared | undefined, act: () => Promise<T>): Promise<T | Refusal> {
    try {
      return await act();
    } catch (error) {
      return refusal(error, errors);
    }
  }

  #bytesOf(act: () => void): { readonly heap: number; readonly buffers: number } {
    if (this.#exact === undefined) return difference(act);
    if (this.#exact === this.calls) return { heap: allocatedBy(act), buffers: 0 };
    act();
    return { heap: 0, buffers: 0 };
  }

  #judge(time: number): void {
    if (time > this.slowest) this.slowest = time;
    if (time > longestCall) throw new Violation('time', `took more than ${longestCall} ms`);
  }
}

function difference(act: () => void): { readonly heap: number; readonly buffers: number } {
  const before = allocated();
  act();
  const after = allocated();
  return { heap: after.heap - before.heap, buffers: after.buffers - before.buffers };
}

function refusal(error: unknown, errors: Declared | undefined): Refusal {
  if (error instanceof Violation) throw error;
  if (error instanceof Error && errors !== undefined && error.name === errors.name) {
    const { code } = error as { readonly code?: unknown };
    if (typeof code === 'string' && errors.codes.has(code)) return new Refusal(error);
  }
  const words = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  throw new Violation('undeclared error', words, { cause: error });
}
