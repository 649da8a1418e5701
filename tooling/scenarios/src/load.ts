import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseScript, type Script, type Side } from './language/script.js';

/** The folder of the scripts. */
export const wireFolder: string = join(dirname(dirname(fileURLToPath(import.meta.url))), 'wire');

/**
 * All scripts against one side; their names are relative to the package.
 *
 * @throws ScriptError, also for a script that lies in the folder of the other side
 */
export function loadScripts(side: Side): readonly (Script & { readonly file: string })[] {
  const folder = join(wireFolder, side);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.wire'))
    .sort()
    .map((name) => {
      const file = `wire/${side}/${name}`;
      const script = parseScript(file, readFileSync(join(folder, name), 'utf8'));
      if (script.side !== side) throw new Error(`${file}: it is against the ${script.side}`);
      return { file, ...script };
    });
}
