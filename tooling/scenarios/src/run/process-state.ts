import {
  type ClientChange,
  type ClientState,
  type MemoryClientState,
  memoryClientState,
  type OutboxEntry,
  type SavedClient,
} from '@sealwire/store';

/** What one process of the client writes, on a memory that outlasts it. */
export class ProcessState implements ClientState {
  readonly #memory: MemoryClientState;
  #frozen = false;

  constructor(memory: MemoryClientState = memoryClientState()) {
    this.#memory = memory;
  }

  /** From now on nothing is written and nothing answers, as when the process is killed before the disk is. */
  freeze(): void {
    this.#frozen = true;
  }

  /** What the next process finds. */
  successor(): ProcessState {
    this.freeze();
    return new ProcessState(this.#memory.reopen());
  }

  load(): Promise<SavedClient> {
    return this.#memory.load();
  }

  append(entries: readonly OutboxEntry[]): Promise<void> {
    return this.#frozen ? never() : this.#memory.append(entries);
  }

  trim(upToIndex: bigint): Promise<void> {
    return this.#frozen ? never() : this.#memory.trim(upToIndex);
  }

  save(change: ClientChange): Promise<void> {
    return this.#frozen ? never() : this.#memory.save(change);
  }

  close(): Promise<void> {
    return this.#memory.close();
  }
}

function never(): Promise<never> {
  return new Promise(() => {});
}
