import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';

const exec = promisify(execFile);
const here = dirname(dirname(fileURLToPath(import.meta.url)));
const root = dirname(dirname(here));
const generated = join(here, 'generated');

interface Example {
  /** README and line, as a person would look for it. */
  readonly place: string;
  /** Name of the module made of it. */
  readonly module: string;
  readonly code: string;
  readonly runs: boolean;
}

const pages = [
  join(root, 'README.md'),
  ...markdownIn(join(root, 'docs')),
  ...readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name, 'README.md')),
].filter((page) => existsSync(page));

const examples = pages.flatMap(examplesOf);

beforeAll(async () => {
  rmSync(generated, { recursive: true, force: true });
  mkdirSync(generated);
  for (const { module, code } of examples) writeFileSync(join(generated, `${module}.ts`), code);
  writeFileSync(
    join(generated, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../../tsconfig.base.json',
      // Examples are read, not carried on: a name that only shows a shape may stay unused.
      compilerOptions: {
        outDir: 'out',
        types: ['node'],
        noUnusedLocals: false,
        declaration: false,
        sourceMap: false,
        inlineSources: false,
      },
    }),
  );
});

it('holds examples in the README of the repository and of each package', () => {
  for (const page of pages) expect(examplesOf(page), relative(root, page)).not.toEqual([]);
  expect(pages.length).toBe(
    1 + markdownIn(join(root, 'docs')).length + readdirSync(join(root, 'packages')).length,
  );
});

describe('every example', () => {
  it('passes the strictest compiler settings', { timeout: 120_000 }, async () => {
    const tsc = join(here, 'node_modules/typescript/bin/tsc');
    const { stdout } = await exec(process.execPath, [tsc, '-p', generated]).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).toBe('');
  });

  it.each(examples.filter(({ runs }) => runs))(
    'prints what it says: $place',
    { timeout: 30_000 },
    async ({ module, code }) => {
      const { stdout } = await exec(process.execPath, [join(generated, 'out', `${module}.js`)], {
        timeout: 20_000,
      });
      const promised = [...code.matchAll(/\/\/ prints: (.*)$/gm)].map((match) => match[1]);
      if (promised.length > 0) expect(stdout.trimEnd().split('\n')).toEqual(promised);
    },
  );
});

function markdownIn(folder: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const withCode = (page: string): boolean => readFileSync(page, 'utf8').includes('```ts');
  return names
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name))
    .filter(withCode);
}

function examplesOf(page: string): Example[] {
  const text = readFileSync(page, 'utf8');
  const owner = basename(dirname(page)) === basename(root) ? 'root' : basename(dirname(page));
  return [...text.matchAll(/^```ts( no-run)?\n(.*?)^```$/gms)].map((match, index) => ({
    place: `${relative(root, page)}:${text.slice(0, match.index).split('\n').length}`,
    module: `${owner}-${basename(page, '.md').toLowerCase()}-${index + 1}`,
    code: match[2] ?? '',
    runs: match[1] === undefined,
  }));
}
