/** Where in a script something stands. */
export interface Position {
  readonly file: string;
  readonly line: number;
}

/** A script that cannot be read. The message begins with `file:line`. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError';

  constructor({ file, line }: Position, message: string) {
    super(`${file}:${line}: ${message}`);
  }
}
