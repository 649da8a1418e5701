export { type CutKind, FaultLink, type Way } from './fault-link.js';
export { type Admission, FaultProxy, type FaultProxyOptions, type Trigger } from './fault-proxy.js';
export { Lines } from './lines.js';
export { type Exit, type Program, type ProgramOptions, startProgram, stopPrograms } from './program.js';
