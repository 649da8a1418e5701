import type { Writer } from '../writer.js';

/** Refuses a value whose properties could not be read. */
export function expectObject(writer: Writer, value: unknown): void {
  if (typeof value !== 'object' || value === null) writer.fail('E_TYPE', 'expected an object');
}
