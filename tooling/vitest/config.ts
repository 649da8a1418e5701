import { defineConfig } from 'vitest/config';

/** Shared by every package: `vitest run --config ../../tooling/vitest/config.ts`, with the package as the root. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // A test that hangs is a finding; a test that is slow on a shared machine is not.
    testTimeout: 20_000,
    hookTimeout: 20_000,
    reporters: ['default', ['json', { outputFile: 'reports/vitest.json' }]],
    passWithNoTests: false,
  },
});
