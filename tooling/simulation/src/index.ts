export { type Invariant, invariants, type Violation } from './oracle/violation.js';
export { actCatalogue, faultCatalogue, worldCatalogue } from './plan/catalogue.js';
export { defaultSize, makePlan, type PlanSize } from './plan/make-plan.js';
export type { Act, Fault, Plan, Work, WorldOptions } from './plan/plan.js';
export { report } from './run/report.js';
export { type Shrunk, shrink } from './run/shrink.js';
export { type SimulateOptions, type SimulationResult, simulate } from './run/simulate.js';
