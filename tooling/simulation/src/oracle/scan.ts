import { secret } from '../actors/payloads.js';
import type { Journal } from './journal.js';

const deepest = 8;

/** I9: an error, its causes and their fields hold no payload. */
export function scanForSecret(journal: Journal, value: unknown): void {
  if (holdsSecret(value, 0)) journal.violated('I9', `a payload is in: ${String(value)}`);
}

function holdsSecret(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return value.includes(secret);
  if (typeof value !== 'object' || value === null || depth === deepest) return false;
  if (value instanceof Error && (value.message.includes(secret) || holdsSecret(value.cause, depth + 1)))
    return true;
  return Object.values(value).some((field) => holdsSecret(field, depth + 1));
}
