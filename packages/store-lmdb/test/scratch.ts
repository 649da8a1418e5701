import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Directories that do not exist yet, in one that is removed at the end. */
export function scratch() {
  const root = mkdtempSync(join(tmpdir(), 'sealwire-store-'));
  let count = 0;
  return {
    directory: () => join(root, String(count++)),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
