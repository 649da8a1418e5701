/**
 * Many callers, one flush at a time: whoever asks while a flush is running shares the next one. After a failure
 * all that wait and all that come fail with the same error, because nothing may be kept on top of what was lost.
 */
export class GroupCommit {
  readonly #commit: () => Promise<void>;
  #running = Promise.resolve();
  #next: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(commit: () => Promise<void>) {
    this.#commit = commit;
  }

  /** Throws the error that ended it. */
  check(): void {
    if (this.#failure) throw this.#failure.error;
  }

  /** Resolves after a commit that began after this call. */
  request(): Promise<void> {
    this.#next ??= this.#run(this.#running);
    return this.#next;
  }

  /** Resolves after everything that was asked for. */
  settled(): Promise<void> {
    return this.#next ?? this.#running;
  }

  async #run(before: Promise<void>): Promise<void> {
    // Waiting also lets callers of the same turn share this commit. After a failure it is as far as any gets.
    await before;
    this.#running = this.settled();
    this.#next = undefined;
    try {
      await this.#commit();
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }
}
