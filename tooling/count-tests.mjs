// Adds up the reports that the test tasks left behind and prints what failed, and last the line "N passed, N failed".
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
  if (!existsSync(manifest)) continue;
  const { scripts } = JSON.parse(readFileSync(manifest, 'utf8'));
  const report = join(folder, 'reports/vitest.json');
  // The browser's are not run everywhere, and count where they are.
  if (scripts?.test === undefined && !existsSync(report)) continue;
  if (!existsSync(report)) {
    // A package whose tests never came to report has not passed.
    console.error(`no test report in ${folder}`);
    failed += 1;
    continue;
  }
  const { numPassedTests, success, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  passed += numPassedTests;
  if (success) continue;
  const failures = testResults.flatMap(({ name, status, message, assertionResults }) => {
    const tests = assertionResults.filter((test) => test.status === 'failed');
    if (tests.length > 0) return tests.map(({ fullName, failureMessages }) => [fullName, ...failureMessages]);
    // A test file that cannot be loaded fails without a single failed test.
    return status === 'failed' ? [[name, message]] : [];
  });
  // An error outside of every test fails the run alone.
  if (failures.length === 0) failures.push([`the run of ${folder}`]);
  failed += failures.length;
  for (const [name, ...messages] of failures) console.error(`failed: ${name}\n${messages.join('\n')}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
