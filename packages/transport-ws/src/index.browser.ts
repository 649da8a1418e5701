export { type DialOptions, dialWebSocket } from './dial.browser.js';
export type { LinkLimits } from './limits.js';
