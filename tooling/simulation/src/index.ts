export { simulate, type Result } from './run/simulate.js';
export { defaultSize, makePlan, type PlanSize } from './plan/make-plan.js';
