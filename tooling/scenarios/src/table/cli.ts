import { writeFileSync } from 'node:fs';
import { pageFile, readTable } from './files.js';
import { problems, renderPage } from './page.js';

const { sections, evidence } = readTable();
writeFileSync(pageFile, renderPage(sections, evidence));
const wrong = problems(sections, evidence);
for (const line of wrong) console.error(line);
process.exitCode = wrong.length === 0 ? 0 : 1;
