import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { wireFolder } from '../load.js';
import { parseCatalogue, type Section } from './catalogue.js';
import { type Evidence, findEvidence } from './evidence.js';

const packageFolder = dirname(wireFolder);
const root = dirname(dirname(packageFolder));

/** The committed page. */
export const pageFile: string = join(root, 'docs/fault-catalogue.md');

/** The catalogue of this repository, and what shows it. */
export function readTable(): { readonly sections: readonly Section[]; readonly evidence: Evidence } {
  const text = readFileSync(join(packageFolder, 'catalogue.txt'), 'utf8');
  return { sections: parseCatalogue('catalogue.txt', text), evidence: findEvidence(root) };
}
