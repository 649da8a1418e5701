/** The user gave something wrong: one sentence that says what to do. The program prints it and ends with code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'E_USAGE';
}

/** Ends the program: 2 after a {@link UsageError}, 1 after anything else. Never with a stack trace. */
export function endWith(error: unknown): void {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

/** The stable `code` of an error of Node or of any package here. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
