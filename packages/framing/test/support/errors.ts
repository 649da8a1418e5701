import { FramingError, type FramingErrorCode } from '../../src/index.js';

/** The code of the FramingError that `call` throws; anything else that is thrown goes on. */
export function codeOf(call: () => unknown): FramingErrorCode | 'nothing' {
  try {
    call();
    return 'nothing';
  } catch (error) {
    if (!(error instanceof FramingError)) throw error;
    return error.code;
  }
}
