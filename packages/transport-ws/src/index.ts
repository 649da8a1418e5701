export type { DialTls } from './connect.js';
export { type DialOptions, dialWebSocket } from './dial.js';
export type { LinkLimits } from './limits.js';
export { listenWebSocket } from './listen.js';
export type { ListenOptions } from './listen-options.js';
