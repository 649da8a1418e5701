export { simulate, type Result } from './simulate.js';
export { defaultSize, makePlan, type PlanSize } from './plan/make-plan.js';
