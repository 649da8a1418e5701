export { type FlagNames, type Flags, oneOf, parseFlags, wholeNumber } from './flags.js';
export { readPrivateKey, readPublicKey } from './key-files.js';
export { whenOutputCloses } from './output.js';
export { codeOf, endWith, UsageError } from './usage-error.js';
