import { Session } from 'node:inspector';

/** Which characters of which sources ran, by the URL of the module. */
export type Painted = ReadonlyMap<string, Uint8Array>;

/** What is known of one source. */
export interface Source {
  /** 1 where a character ran. */
  ran: Uint8Array;
  /** 1 where a character belongs to a function: the module's own ran when it was loaded. */
  code: Uint8Array;
  /** Offsets at which a function or a block begins or ends. */
  readonly edges: Set<number>;
}

interface Range {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}

let session: Session | undefined;

/**
 * Has V8 count blocks from here on. Call it before the modules are loaded: a function that was compiled before is
 * counted as a whole only. One session serves the thread to its end, because V8 forgets the blocks when it stops.
 */
export function startCoverage(): Session {
  if (session !== undefined) return session;
  session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  return session;
}

/**
 * V8's precise block coverage of some modules, asked for after each batch of inputs. V8 tells only blocks whose count
 * differs from what is around them, so that no list of all blocks is had at once: what was reached is kept as
 * characters, and a block is what lies between two edges that were ever told.
 */
export class Coverage {
  readonly #session = startCoverage();
  readonly #urls: ReadonlySet<string>;
  readonly sources = new Map<string, Source>();

  constructor(urls: Iterable<string>) {
    this.#urls = new Set(urls);
    // The first answer names every function, later ones only those that were called. What ran while the modules were
    // loaded counts as reached.
    this.keep(this.take());
  }

  /** What ran since the last call. */
  take(): Painted {
    const painted = new Map<string, Uint8Array>();
    // On a session of its own thread the callback is called at once.
    this.#session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error !== null) throw error;
      for (const { url, functions } of result) {
        if (!this.#urls.has(url)) continue;
        const end = Math.max(...functions.map(({ ranges }) => ranges[0]?.endOffset ?? 0));
        const ran = new Uint8Array(Math.max(end, painted.get(url)?.length ?? 0));
        ran.set(painted.get(url) ?? []);
        // Outer functions and blocks come before what lies in them.
        for (const { ranges } of functions) {
          // The module's own code.
          if (ranges[0]?.startOffset === 0) continue;
          for (const range of ranges) this.#paint(url, ran, range);
        }
        painted.set(url, ran);
      }
    });
    return painted;
  }

  #paint(url: string, ran: Uint8Array, { startOffset, endOffset, count }: Range): void {
    ran.fill(count > 0 ? 1 : 0, startOffset, endOffset);
    const source = this.#source(url);
    source.edges.add(startOffset);
    source.edges.add(endOffset);
    if (source.code.length < endOffset) source.code = longer(source.code, endOffset);
    source.code.fill(1, startOffset, endOffset);
  }

  /** Does it hold a character that never ran before? */
  isNew(painted: Painted): boolean {
    for (const [url, ran] of painted) {
      const known = this.#source(url).ran;
      for (let at = 0; at < ran.length; at++) if (ran[at] === 1 && known[at] !== 1) return true;
    }
    return false;
  }

  /** Does `painted` hold all the characters that are new in `wanted`? */
  coversNew(painted: Painted, wanted: Painted): boolean {
    for (const [url, ran] of wanted) {
      const known = this.#source(url).ran;
      const reached = painted.get(url);
      for (let at = 0; at < ran.length; at++) {
        if (ran[at] === 1 && known[at] !== 1 && reached?.[at] !== 1) return false;
      }
    }
    return true;
  }

  keep(painted: Painted): void {
    for (const [url, ran] of painted) keepIn(this.#source(url), ran);
  }

  #source(url: string): Source {
    return sourceIn(this.sources, url);
  }
}

export function sourceIn(sources: Map<string, Source>, url: string): Source {
  const known = sources.get(url);
  if (known !== undefined) return known;
  const source: Source = { ran: new Uint8Array(0), code: new Uint8Array(0), edges: new Set() };
  sources.set(url, source);
  return source;
}

export function keepIn(source: Source, ran: Uint8Array): void {
  if (ran.length > source.ran.length) source.ran = longer(source.ran, ran.length);
  for (let at = 0; at < ran.length; at++) if (ran[at] === 1) source.ran[at] = 1;
}

/** Adds what another thread knows of the same source. */
export function mergeSource(source: Source, { ran, code, edges }: Source): void {
  keepIn(source, ran);
  if (code.length > source.code.length) source.code = code;
  for (const edge of edges) source.edges.add(edge);
}

/** The stretches between edges: how many there are, and where those begin that never ran. */
export function blocksOf({ ran, code, edges }: Source): {
  readonly total: number;
  readonly missed: readonly number[];
} {
  const starts = [...edges].filter((edge) => code[edge] === 1).sort((one, other) => one - other);
  return { total: starts.length, missed: starts.filter((start) => ran[start] !== 1) };
}

function longer(bytes: Uint8Array, length: number): Uint8Array {
  const result = new Uint8Array(length);
  result.set(bytes);
  return result;
}
