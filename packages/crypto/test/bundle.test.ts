import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';

const dist = new URL('../dist/', import.meta.url);

/** Every module that `entry` reaches inside this package, with the packages that they import. */
function importGraph(entry: string): { files: Map<string, string>; packages: Set<string> } {
  const files = new Map<string, string>();
  const packages = new Set<string>();
  const visit = (url: URL) => {
    if (files.has(url.href)) return;
    const code = readFileSync(url, 'utf8');
    files.set(url.href, code);
    for (const [, specifier = ''] of code.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"]+)['"]/g)) {
      if (specifier.startsWith('.')) visit(new URL(specifier, url));
      else packages.add(specifier);
    }
  };
  visit(new URL(entry, dist));
  return { files, packages };
}

describe('what a browser loads', () => {
  it.each(['index.web.js', 'web/index.js'])('from %s is noble and this package only', (entry) => {
    const { files, packages } = importGraph(entry);
    expect(files.size).toBeGreaterThan(10);
    expect([...packages].sort()).toEqual([
      '@noble/ciphers/aes.js',
      '@noble/hashes/hkdf.js',
      '@noble/hashes/hmac.js',
      '@noble/hashes/sha2.js',
    ]);
  });

  it.each(['index.web.js', 'portable/index.js', 'testkit.js'])('from %s uses nothing of Node', (entry) => {
    const { files, packages } = importGraph(entry);
    expect([...packages].filter((name) => name.startsWith('node:'))).toEqual([]);
    for (const code of files.values()) expect(code).not.toMatch(/\bBuffer\b|\bprocess\b|\brequire\(/);
  });

  it('of node-rsa uses nothing of Node either', () => {
    const folder = pathToFileURL(createRequire(import.meta.url).resolve('node-rsa/package.json'));
    const code = readFileSync(new URL('dist/index.browser.js', folder), 'utf8');
    expect([...code.matchAll(/^import .* from ['"]([^'"]+)/gm)].map(([, name]) => name)).toEqual([
      '@noble/hashes/legacy.js',
      '@noble/hashes/sha2.js',
    ]);
    expect(code).not.toMatch(/\bBuffer\.|\bprocess\.|\brequire\(/);
  });

  it('is found to use Node where it does', () => {
    expect([...importGraph('index.js').packages]).toContain('node:crypto');
  });
});

describe('the two roots', () => {
  it('export the same names', async () => {
    const [node, web] = await Promise.all([import('../src/index.js'), import('../src/index.web.js')]);
    expect(Object.keys(web).sort()).toEqual(Object.keys(node).sort());
    expect([node.crypto.backend, web.crypto.backend]).toEqual(['node', 'web']);
    const types = ['index.ts', 'index.web.ts'].map((name) => {
      const source = readFileSync(new URL(`../src/${name}`, import.meta.url), 'utf8');
      return /export type \{[^}]+\}/.exec(source)?.[0];
    });
    expect(types[0]).toContain('PrivateKey');
    expect(types[1]).toBe(types[0]);
  });
});
