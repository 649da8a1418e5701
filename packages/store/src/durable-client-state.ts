import type { ClientImage, ImageChange } from './client-image.js';
import type { ClientChange, ClientState, OutboxEntry, SavedClient } from './client-state.js';
import { StoreError } from './errors.js';
import { GroupCommit } from './group-commit.js';

/** Where changes become durable. One call at a time, and none after a rejection but `close`. */
export interface ImageSink {
  /**
   * Resolves when the change is durable, all of it or nothing.
   *
   * @param whole the entire state as one change; to be called before the first `await`
   */
  write(change: ImageChange, whole: () => ImageChange): Promise<void>;
  close(): Promise<void>;
}

/** The contract on top of an image in memory and a place where its changes become durable. */
export class DurableClientState implements ClientState {
  readonly #image: ClientImage;
  readonly #sink: ImageSink;
  readonly #commits: GroupCommit;
  #closing: Promise<void> | undefined;

  constructor(image: ClientImage, sink: ImageSink) {
    this.#image = image;
    this.#sink = sink;
    this.#commits = new GroupCommit(() => sink.write(image.takeChange(), () => image.whole()));
  }

  async load(): Promise<SavedClient> {
    const saved = this.#usable().saved();
    await this.#durable();
    return saved;
  }

  async append(entries: readonly OutboxEntry[]): Promise<void> {
    this.#usable().append(entries);
    await this.#durable();
  }

  async trim(upToIndex: bigint): Promise<void> {
    this.#usable().trim(upToIndex);
    await this.#durable();
  }

  async save(change: ClientChange): Promise<void> {
    this.#usable().save(change);
    await this.#durable();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    // A failure is told to those who wait for the flush.
    await this.#commits.settled().catch(() => {});
    await this.#sink.close();
  }

  #usable(): ClientImage {
    if (this.#closing) throw new StoreError('E_CLOSED', 'the client state is closed: open it again');
    // Before the image is asked: it has gone on with what was lost.
    this.#commits.check();
    return this.#image;
  }

  #durable(): Promise<void> {
    return this.#image.dirty ? this.#commits.request() : this.#commits.settled();
  }
}
