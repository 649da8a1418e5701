export { openFileState } from './open-file-state.js';
export { FILE_STATE_DEFAULTS, type FileStateOptions } from './options.js';
