import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadScripts } from '../load.js';

/** Where the items of the catalogue are shown; paths are relative to the repository. */
export interface Evidence {
  /** For each id: the scripts, and how many of their scenarios. */
  readonly scenarios: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** For each id: the files of tests that end their titles with it. */
  readonly tests: ReadonlyMap<string, ReadonlySet<string>>;
  /** For each id: the names of benchmarks. */
  readonly benchmarks: ReadonlyMap<string, ReadonlySet<string>>;
  /** Kinds of faults that the simulation has. */
  readonly simulated: ReadonlySet<string>;
}

export function findEvidence(root: string): Evidence {
  return {
    scenarios: countScenarios(),
    tests: findTests(root),
    benchmarks: findBenchmarks(root),
    simulated: findFaults(root),
  };
}

function countScenarios(): Map<string, Map<string, number>> {
  const found = new Map<string, Map<string, number>>();
  for (const side of ['server', 'client'] as const) {
    for (const { file, scenarios } of loadScripts(side)) {
      for (const id of scenarios.flatMap(({ ids }) => ids)) {
        const files = entry(found, id, () => new Map<string, number>());
        files.set(`tooling/scenarios/${file}`, (files.get(`tooling/scenarios/${file}`) ?? 0) + 1);
      }
    }
  }
  return found;
}

/** A text that ends with tags, as titles do. */
const tagged = /\[([A-Z]\d+(?:, [A-Z]\d+)*)\](?=['"`])/g;

function findTests(root: string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const group of ['packages', 'apps', 'tooling']) {
    for (const name of readdirSync(join(root, group))) {
      // The tests of this package and of the one below are about tags.
      if (name === 'scenarios' || name === 'bench') continue;
      for (const file of filesIn(root, `${group}/${name}/test`)) {
        for (const [, ids = ''] of readFileSync(join(root, file), 'utf8').matchAll(tagged)) {
          for (const id of ids.split(', ')) entry(found, id, () => new Set<string>()).add(file);
        }
      }
    }
  }
  return found;
}

function findBenchmarks(root: string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const file of filesIn(root, 'tooling/bench/src')) {
    const text = readFileSync(join(root, file), 'utf8');
    const name = /\bname: '([a-z-]+)'/.exec(text)?.[1];
    const covers = /\bcovers: \[([^\]]*)\]/.exec(text)?.[1] ?? '';
    if (name === undefined) continue;
    for (const [, id = ''] of covers.matchAll(/'([A-Z]\d+)'/g)) {
      entry(found, id, () => new Set<string>()).add(name);
    }
  }
  return found;
}

function findFaults(root: string): Set<string> {
  const text = readFileSync(join(root, 'tooling/simulation/src/plan/plan.ts'), 'utf8');
  return new Set([...text.matchAll(/readonly kind: '([a-z-]+)'/g)].map(([, kind = '']) => kind));
}

function filesIn(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((found) => {
      const path = `${folder}/${found.name}`;
      if (found.isDirectory()) return found.name === 'node_modules' ? [] : filesIn(root, path);
      return found.name.endsWith('.ts') ? [path] : [];
    })
    .sort();
}

function entry<V>(map: Map<string, V>, key: string, make: () => V): V {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}
