import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { wireFolder } from '../load.js';
import { parseCatalogue, type Section } from './catalogue.js';
import { type Evidence, findEvidence } from './evidence.js';

const packageFolder = dirname(wireFolder);
const root = dirname(dirname(packageFolder));

/** A committed page, and the list that it is made of. */
export interface Table {
  readonly title: string;
  /** What the items are. */
  readonly about: string;
  /** The heads of the second and the third column. */
  readonly heads: readonly [string, string];
  /** In this package. */
  readonly list: string;
  readonly page: string;
  readonly sections: readonly Section[];
}

/** The lists of this repository, and what shows their items. */
export function readTables(): { readonly tables: readonly Table[]; readonly evidence: Evidence } {
  const table = (list: string, page: string, texts: Pick<Table, 'title' | 'about' | 'heads'>): Table => ({
    ...texts,
    list,
    page: join(root, 'docs', page),
    sections: parseCatalogue(list, readFileSync(join(packageFolder, list), 'utf8')),
  });
  return {
    tables: [
      table('catalogue.txt', 'fault-catalogue.md', {
        title: 'Fault catalogue',
        about: 'What can go wrong, what must happen then, and where it is shown.',
        heads: ['fault', 'what must happen'],
      }),
      table('security.txt', 'security-tests.md', {
        title: 'Security tests',
        about:
          'What an attacker may send, what must happen then, and where it is shown. k is the length of a modulus in bytes; U is the one answer to whatever is ' +
          'wrong at that step ([uniform answers](hardening.md#uniform-answers)).',
        heads: ['what is sent', 'what must happen'],
      }),
    ],
    evidence: findEvidence(root),
  };
}
