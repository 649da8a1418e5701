export { type FloodReport, flood } from './flood/flood.js';
