export { type Finding, fuzz, judge, type Plan, type Result } from './engine/engine.js';
export { type CallOptions, type Declared, declared, Probe, Refusal } from './engine/probe.js';
export type { Target } from './engine/target.js';
export { rule, Violation, type ViolationKind } from './engine/violation.js';
export { targets } from './targets/index.js';
