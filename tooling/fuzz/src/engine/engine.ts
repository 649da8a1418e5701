import { Coverage, type Painted, type Source } from './coverage.js';
import { longestInput, mutate } from './mutate.js';
import { Probe } from './probe.js';
import { type Random, seededRandom } from './random.js';
import { shrink } from './shrink.js';
import type { Target } from './target.js';
import { Violation } from './violation.js';

const smallestBatch = 256;
const largestBatch = 4_096;
/**
 * What is slow or large runs again this often. Slow is what is slow each time: on a busy machine a thread may wait for its
 * turn longer than the bound several times over. Large is what is large in most: code that is compiled at its first
 * use looks like an allocation, and garbage that is collected meanwhile hides one.
 */
const confirmations = 20;
/** Before that, what seemed large runs this often and has to seem so again: it costs next to nothing. */
const looks = 3;
/** Milliseconds from which on a call that is the slowest so far is timed again. */
const worthAnotherLook = 5;

export interface Plan {
  /** Instead of making inputs, find the shortest of those given that together reach what all reach. */
  readonly minimise?: boolean;
  readonly seed: string;
  readonly runs: number;
  /** Beside the seeds of the target. */
  readonly corpus: readonly Uint8Array[];
  /** URLs of the modules whose coverage guides; none: it is not asked for. */
  readonly urls: readonly string[];
  /** Told of each input before it runs, so that another thread can see what hangs. */
  readonly begin?: (input: Uint8Array) => void;
}

export interface Finding {
  readonly kind: Violation['kind'];
  readonly words: string;
  readonly input: Uint8Array;
}

export interface Result {
  readonly executions: number;
  /** Inputs that reached what nothing before them did. */
  readonly found: readonly Uint8Array[];
  readonly sources: ReadonlyMap<string, Source>;
  readonly slowest: { readonly milliseconds: number; readonly input: Uint8Array };
  readonly finding: Finding | undefined;
  /** Slow or large here, but not on a fresh thread: the state of this one was at fault. */
  readonly suspicion?: Finding;
}

/** Runs one target until the runs are up or it breaks. The same plan gives the same inputs. */
export async function fuzz(target: Target, plan: Plan): Promise<Result> {
  return new Fuzzing(target, plan).run();
}

/** Runs one input, and what is slow again, and what is large again and exactly. */
export async function judge(
  target: Target,
  input: Uint8Array,
  probe: Probe,
  begin: (input: Uint8Array) => void = () => {},
): Promise<Violation | undefined> {
  begin(input);
  const first = await violationOf(target, input, probe);
  if (first?.kind !== 'time' && first?.kind !== 'memory') return first;
  const exact = first.kind === 'memory' ? probe.calls : undefined;
  // Large buffers bring garbage collection about, which hides them when they are made again.
  if (exact !== undefined && !probe.inBuffers && !(await seemsLarge(target, input, begin))) return undefined;
  let pardons = exact === undefined ? 1 : confirmations / 2;
  for (let left = confirmations; left > 0 && pardons > 0; left--) {
    begin(input);
    const again = await violationOf(target, input, new Probe(exact));
    if (again === undefined) pardons -= 1;
    else if (again.kind !== first.kind) return again;
  }
  return pardons > 0 ? first : undefined;
}

/** A page of the heap is begun once; what allocates too much does so each time, unless garbage is collected meanwhile. */
async function seemsLarge(
  target: Target,
  input: Uint8Array,
  begin: (input: Uint8Array) => void,
): Promise<boolean> {
  let large = 0;
  for (let left = looks; left > 0; left--) {
    begin(input);
    if ((await violationOf(target, input, new Probe())) !== undefined) large += 1;
  }
  return large > looks / 2;
}

async function violationOf(target: Target, input: Uint8Array, probe: Probe): Promise<Violation | undefined> {
  try {
    // A copy: a target may hand it to code that wipes or keeps it.
    const pending = target.run(input.slice(), probe);
    if (pending !== undefined) await pending;
    return undefined;
  } catch (error) {
    if (error instanceof Violation) return error;
    return new Violation('rule', `the target itself failed: ${String(error)}`, { cause: error });
  }
}

class Fuzzing {
  readonly #target: Target;
  readonly #plan: Plan;
  readonly #random: Random;
  readonly #coverage: Coverage | undefined;
  readonly #corpus: Uint8Array[];
  readonly #found: Uint8Array[] = [];
  #executions = 0;
  #slowest: Result['slowest'] = { milliseconds: 0, input: new Uint8Array(0) };
  #finding: Finding | undefined;

  constructor(target: Target, plan: Plan) {
    this.#target = target;
    this.#plan = plan;
    this.#random = seededRandom(plan.seed);
    this.#coverage = plan.urls.length === 0 ? undefined : new Coverage(plan.urls);
    this.#corpus = [...plan.corpus, ...target.seeds()].filter(({ length }) => length <= longestInput);
    if (this.#corpus.length === 0) this.#corpus.push(new Uint8Array(0));
  }

  async run(): Promise<Result> {
    if (this.#plan.minimise === true) await this.#minimise();
    else await this.#fuzz();
    return {
      executions: this.#executions,
      found: this.#found,
      sources: this.#coverage?.sources ?? new Map(),
      slowest: this.#slowest,
      finding: this.#finding,
    };
  }

  async #minimise(): Promise<void> {
    const coverage = this.#coverage;
    if (coverage === undefined) return;
    for (const input of this.#corpus.toSorted((one, other) => one.length - other.length)) {
      const painted = await this.#ran([input], coverage);
      this.#executions += 1;
      if (!coverage.isNew(painted)) continue;
      coverage.keep(painted);
      this.#found.push(input);
    }
  }

  async #fuzz(): Promise<void> {
    const known = this.#corpus.slice(0, this.#plan.runs);
    await this.#runAll(known);
    this.#executions += known.length;
    if (this.#coverage !== undefined) this.#coverage.keep(this.#coverage.take());
    for (let size = smallestBatch; this.#finding === undefined && this.#executions < this.#plan.runs; ) {
      const batch = Array.from({ length: Math.min(size, this.#plan.runs - this.#executions) }, () =>
        this.#next(),
      );
      const before = this.#found.length;
      await this.#runAll(batch);
      this.#executions += batch.length;
      await this.#attribute(batch);
      // The less is found, the less often it is asked for.
      size = this.#found.length > before ? smallestBatch : Math.min(2 * size, largestBatch);
    }
  }

  #next(): Uint8Array {
    const random = this.#random;
    const { generate, dictionary = [] } = this.#target;
    const material = { corpus: this.#corpus, dictionary };
    if (generate !== undefined && random.oneIn(4)) {
      const input = generate(random);
      return random.oneIn(2) ? input : mutate(input, random, material);
    }
    // What was found last is least explored.
    const recent = this.#corpus.slice(-16);
    return mutate(random.pick(random.oneIn(4) ? recent : this.#corpus), random, material);
  }

  async #runAll(inputs: readonly Uint8Array[]): Promise<void> {
    for (const input of inputs) {
      if (this.#finding !== undefined) return;
      const probe = new Probe();
      const violation = await this.#judge(input, probe);
      if (probe.slowest > this.#slowest.milliseconds) await this.#time(input, probe.slowest);
      if (violation !== undefined) await this.#report(input, violation);
    }
  }

  #judge(input: Uint8Array, probe = new Probe()): Promise<Violation | undefined> {
    return judge(this.#target, input, probe, this.#plan.begin);
  }

  async #time(input: Uint8Array, first: number): Promise<void> {
    let milliseconds = first;
    for (let left = 3; left > 0 && milliseconds > worthAnotherLook; left--) {
      const probe = new Probe();
      await this.#judge(input, probe);
      milliseconds = Math.min(milliseconds, probe.slowest);
    }
    if (milliseconds > this.#slowest.milliseconds) this.#slowest = { milliseconds, input };
  }

  /** Finds which inputs of the batch reached something new, by halves. */
  async #attribute(batch: readonly Uint8Array[]): Promise<void> {
    const coverage = this.#coverage;
    if (coverage === undefined || this.#finding !== undefined) return;
    const painted = coverage.take();
    if (!coverage.isNew(painted)) return;
    await this.#search(batch, coverage);
    // What did not show again when it was searched for would otherwise be searched for ever.
    coverage.keep(painted);
  }

  async #search(batch: readonly Uint8Array[], coverage: Coverage): Promise<void> {
    const painted = await this.#ran(batch, coverage);
    if (!coverage.isNew(painted)) return;
    const [input] = batch;
    if (batch.length === 1 && input !== undefined) return this.#adopt(input, painted, coverage);
    const middle = batch.length >> 1;
    await this.#search(batch.slice(0, middle), coverage);
    await this.#search(batch.slice(middle), coverage);
  }

  async #adopt(input: Uint8Array, painted: Painted, coverage: Coverage): Promise<void> {
    const small = await shrink(input, 16, async (smaller) => {
      const reached = await this.#ran([smaller], coverage);
      return coverage.coversNew(reached, painted);
    });
    coverage.keep(painted);
    this.#corpus.push(small);
    this.#found.push(small);
  }

  async #ran(inputs: readonly Uint8Array[], coverage: Coverage): Promise<Painted> {
    for (const input of inputs) await this.#judge(input);
    return coverage.take();
  }

  async #report(input: Uint8Array, { kind, message }: Violation): Promise<void> {
    // A shorter input would be nearer to the bound, and what is slow or large has to stay so on another thread.
    const tries = kind === 'time' || kind === 'memory' ? 0 : 400;
    const small = await shrink(input, tries, async (smaller) => {
      const violation = await this.#judge(smaller);
      return violation?.kind === kind && violation.message === message;
    });
    this.#finding = { kind, words: message, input: small };
  }
}
