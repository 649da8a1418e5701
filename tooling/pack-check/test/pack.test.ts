import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const exec = promisify(execFile);
const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const project = mkdtempSync(join(tmpdir(), 'sealwire-pack-'));

interface Manifest {
  readonly name: string;
  readonly exports: Record<string, unknown>;
}

const packages = readdirSync(join(root, 'packages')).map((folder) => {
  const path = join(root, 'packages', folder);
  return { path, manifest: JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as Manifest };
});

const entries = packages.flatMap(({ manifest }) =>
  Object.keys(manifest.exports)
    .filter((subpath) => subpath !== './package.json')
    .map((subpath) => join(manifest.name, subpath)),
);

/** An empty project into which all packages are installed from their tarballs, as npm installs them. */
beforeAll(async () => {
  for (const { path } of packages) await exec('pnpm', ['pack', '--pack-destination', project], { cwd: path });
  const tarballs = readdirSync(project).filter((name) => name.endsWith('.tgz'));
  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline', '--ignore-scripts'];
  const types = ['@types/node@20', '@types/ws@8'];
  await exec('npm', ['install', ...quiet, ...types, ...tarballs.map((name) => `./${name}`)], {
    cwd: project,
  });
}, 600_000);

afterAll(() => rmSync(project, { recursive: true, force: true }));

describe('an installed package', () => {
  it.each(entries)('can be imported: %s', async (entry) => {
    const script = `const names = Object.keys(await import('${entry}')); if (names.length === 0) throw new Error('exports nothing')`;
    await exec(process.execPath, ['--input-type=module', '-e', script], { cwd: project });
  });

  it('has types that pass the strictest settings', { timeout: 120_000 }, async () => {
    const imports = entries.map((entry, index) => `import * as m${index} from '${entry}';\nvoid m${index};`);
    writeFileSync(join(project, 'all.ts'), imports.join('\n'));
    writeFileSync(
      join(project, 'tsconfig.json'),
      JSON.stringify({
        extends: join(root, 'tsconfig.base.json'),
        compilerOptions: { noEmit: true, types: ['node'] },
        files: ['all.ts'],
      }),
    );
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const { stdout } = await exec(process.execPath, [tsc, '-p', project]).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).toBe('');
  });

  it.each(packages)(
    'has a manifest without faults: $manifest.name',
    { timeout: 60_000 },
    async ({ path }) => {
      const { messages } = await publint({ pkgDir: path, strict: true });
      expect(messages).toEqual([]);
    },
  );

  it.each(packages)(
    'carries licence, README and source maps with sources, but no tests: $manifest.name',
    ({ manifest }) => {
      const folder = join(project, 'node_modules', manifest.name);
      const files = readdirSync(folder, { recursive: true })
        .map(String)
        .filter((file) => !file.startsWith('node_modules'));
      expect(files).toContain('LICENSE');
      expect(files).toContain('README.md');
      expect(files.filter((file) => /\.test\.|^test/.test(file))).toEqual([]);
      const map = JSON.parse(readFileSync(join(folder, 'dist/index.js.map'), 'utf8')) as {
        sourcesContent?: string[];
      };
      expect(map.sourcesContent?.[0]).toContain('export');
    },
  );
});
