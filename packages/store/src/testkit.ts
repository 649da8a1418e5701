export { type ClientStateSuiteOptions, clientStateSuite } from './testkit/client-suite.js';
export type { Bounds } from './testkit/logs.js';
export { type ServerStoreSuiteOptions, serverStoreSuite } from './testkit/server-suite.js';
export type { Open, Runner } from './testkit/tools.js';
