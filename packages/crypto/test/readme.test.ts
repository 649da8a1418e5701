import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

describe('the README', () => {
  it('lists every error code, and no other', () => {
    const union = [...read('../src/errors.ts').matchAll(/^ {2}\| '(E_\w+)'/gm)].map(([, code]) => code);
    const table = [...read('../README.md').matchAll(/^\| `(E_\w+)`\s+\|/gm)].map(([, code]) => code);
    expect(union.length).toBeGreaterThan(20);
    expect(table).toEqual(union);
  });

  it('lists codes that the sources use', () => {
    const folder = new URL('../src/', import.meta.url);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const sources = files.filter((name) => name.endsWith('.ts') && !/errors|testkit/.test(name));
    const code = sources.map((name) => read(`../src/${name}`)).join();
    for (const [, name] of read('../README.md').matchAll(/^\| `(E_\w+)`\s+\|/gm))
      expect(code).toContain(`'${name}'`);
  });
});
