import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Edit } from './mutant.js';

const scope = '@sealwire/';

/** A copy of the built packages in a folder of its own, so that a mutant never touches what others use. */
export interface PatchedTree {
  /** Where the packages lie. */
  readonly modules: string;
  /** The module that runs batches in this copy. */
  readonly module: string;
  /** @throws Error as `patchedTree`, or what the patched module throws when it is loaded */
  tryOut(edit: Edit): Promise<void>;
  remove(): void;
}

/**
 * @param base another copy to start from, so that a build at the same time does no harm
 * @throws Error where a text to be replaced does not occur exactly once: the program has moved on
 */
export function patchedTree(edits: readonly Edit[], base?: PatchedTree): PatchedTree {
  const root = mkdtempSync(join(tmpdir(), 'sealwire-mutant-'));
  const modules = join(root, 'node_modules', scope);
  if (base === undefined) copyPackages(modules);
  else cpSync(base.modules, modules, { recursive: true });
  let tried = 0;
  const remove = (): void => rmSync(root, { recursive: true, force: true });
  try {
    for (const edit of edits) apply(modules, edit);
  } catch (error) {
    remove();
    throw error;
  }
  return {
    modules,
    tryOut: async (edit) => {
      const { path, source } = patched(modules, edit);
      // Beside the true one, so that what both import is loaded once.
      const copy = path.replace(/\.js$/, `.${tried++}.js`);
      writeFileSync(copy, source);
      await import(pathToFileURL(copy).href);
    },
    module: pathToFileURL(join(modules, 'simulation', 'dist', 'run', 'batch.js')).href,
    remove,
  };
}

function copyPackages(modules: string): void {
  for (const folder of builtPackages()) {
    const target = join(modules, basename(folder));
    mkdirSync(target, { recursive: true });
    cpSync(join(folder, 'package.json'), join(target, 'package.json'));
    cpSync(join(folder, 'dist'), join(target, 'dist'), {
      recursive: true,
      filter: (path) => !path.endsWith('.map') && !path.endsWith('.d.ts'),
    });
  }
}

function apply(modules: string, edit: Edit): void {
  const { path, source } = patched(modules, edit);
  writeFileSync(path, source);
}

function patched(
  modules: string,
  { file, find, replace }: Edit,
): { readonly path: string; readonly source: string } {
  const [name = '', ...rest] = file.split('/');
  const path = join(modules, name, 'dist', ...rest);
  const parts = readFileSync(path, 'utf8').split(find);
  if (parts.length !== 2) throw new Error(`${file} holds ${parts.length - 1} times, not once: ${find}`);
  return { path, source: parts.join(replace) };
}

/** This package and all of the workspace that it needs. */
function builtPackages(): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (folder: string): void => {
    if (found.has(folder)) return;
    found.add(folder);
    const { dependencies = {} }: { dependencies?: Record<string, string> } = JSON.parse(
      readFileSync(join(folder, 'package.json'), 'utf8'),
    );
    for (const name of Object.keys(dependencies)) {
      if (name.startsWith(scope)) visit(realpathSync(join(folder, 'node_modules', name)));
    }
  };
  visit(fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, ''));
  return found;
}
