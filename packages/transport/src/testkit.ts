export { type EndCapabilities, type LinkSuiteSubject, linkSuite, type SuiteRunner } from './testkit/suite.js';
export { type VirtualClock, virtualClock } from './virtual-clock.js';
