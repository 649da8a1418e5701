// Adds up the reports that the test tasks left behind and prints one line: "N passed, N failed".
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const packages = ['packages', 'apps', 'tooling'].flatMap((folder) =>
  readdirSync(join(root, folder)).map((name) => join(root, folder, name)),
);

let passed = 0;
let failed = 0;
for (const folder of packages) {
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest) || JSON.parse(readFileSync(manifest, 'utf8')).scripts?.test === undefined)
    continue;
  const report = join(folder, 'reports/vitest.json');
  if (!existsSync(report)) {
    // A package whose tests never came to report has not passed.
    console.error(`no test report in ${folder}`);
    failed += 1;
    continue;
  }
  const { numPassedTests, numFailedTests, numFailedTestSuites, success } = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  passed += numPassedTests;
  // A test file that cannot be loaded fails without a single failed test.
  failed += success ? 0 : Math.max(numFailedTests, numFailedTestSuites, 1);
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
