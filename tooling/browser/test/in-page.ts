import type { Page } from 'playwright-core';
import { describe, it } from 'vitest';
import { byPath, type Runner } from './by-path.js';

/** Defines the facts of a suite in vitest; each one runs in the page, whose module has `collecting` for a runner. */
export function inPage(page: () => Page): Runner {
  return byPath(describe, (path, name) => it(name, () => page().evaluate((fact) => window.run(fact), path)));
}
