/** What became of a write: `kept`, or the code of the error with which it was refused. */
export const codeOf = (promise) =>
  promise.then(
    () => 'kept',
    (error) => error.code,
  );
