import { writeFileSync } from 'node:fs';
import { readTables } from './files.js';
import { problems, renderPage } from './page.js';

const { tables, evidence } = readTables();
for (const table of tables) writeFileSync(table.page, renderPage(table, evidence));
const wrong = tables.flatMap(({ sections }) => problems(sections, evidence));
for (const line of wrong) console.error(line);
process.exitCode = wrong.length === 0 ? 0 : 1;
