/** A promise with its two ends; nobody has to watch it. */
export interface Promised<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

export function promised<T>(): Promised<T> {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = (error) => {
      // Only here: most never reject, and a handler for each is dear.
      promise.catch(ignore);
      onError(error);
    };
  });
  return { promise, resolve, reject };
}

/** A rejection that nobody has to watch. */
export function rejected(error: unknown): Promise<never> {
  const promise = Promise.reject(error);
  promise.catch(ignore);
  return promise;
}

function ignore(): void {}
