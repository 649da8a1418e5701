import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'sealwire-bench-test-'));
// Read when the module is loaded.
vi.stubEnv('TMPDIR', folder);
const { makeKeys, pemOf } = await import('../src/lab/keys.js');

afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

it('keeps the first of the keys that are made at once: somebody may use it already', async () => {
  const makers = Array.from({ length: 4 }, () => makeKeys(0));
  await Promise.race(makers);
  const first = pemOf(0);
  await Promise.all(makers);
  expect(pemOf(0)).toBe(first);
  expect(readdirSync(join(folder, 'sealwire-bench-keys'))).toEqual(['0.pem']);
});
