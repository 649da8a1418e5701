export { defaultSize, makePlan, type PlanSize } from './plan/make-plan.js';
export { type Result, simulate } from './run/simulate.js';
