import { basename } from 'node:path';
import type { Item, Section } from './catalogue.js';
import type { Evidence } from './evidence.js';
import type { Table } from './files.js';

/** What is wrong with the tags: ids that the catalogue does not have, and items that nothing shows. */
export function problems(sections: readonly Section[], evidence: Evidence): readonly string[] {
  const items = sections.flatMap((section) => section.items);
  const known = new Map(items.map((item) => [item.id, item]));
  const letters = new Set(items.map(({ id }) => id.charAt(0)));
  const unknown = [evidence.scenarios, evidence.tests, evidence.benchmarks].flatMap((map) =>
    [...map]
      // Other letters belong to other lists.
      .filter(([id]) => letters.has(id.charAt(0)) && !known.has(id))
      .map(([id, where]) => `${[...where.keys()].join(', ')}: the catalogue has no ${id}`),
  );
  const kinds = items.flatMap(({ id, simulated }) =>
    simulated
      .filter((kind) => !evidence.simulated.has(kind))
      .map((kind) => `${id}: the simulation has no fault of the kind ${kind}`),
  );
  const bare = items
    .filter((item) => item.none === undefined && item.simulated.length === 0)
    .filter(({ id }) => ![evidence.scenarios, evidence.tests, evidence.benchmarks].some((map) => map.has(id)))
    .map(({ id, fault }) => `${id} (${fault}): nothing shows it, and no reason is given`);
  return [...unknown, ...kinds, ...bare];
}

export function renderPage({ title, about, heads, list, sections }: Table, evidence: Evidence): string {
  const items = sections.flatMap((section) => section.items);
  const total = items.filter(({ id }) => evidence.scenarios.has(id)).length;
  const lines = [
    `# ${title}`,
    '',
    `${about} Made by \`pnpm --filter @sealwire/scenarios table\` from`,
    `[the list](../tooling/scenarios/${list}) and the tags of scenarios, tests and benchmarks; a test fails when it is out of date.`,
    '',
    'A [wire scenario](../tooling/scenarios) is a script on a raw socket against the real server or the real client; the numbers count scenarios.',
    'The [simulation](../tooling/simulation) draws its kinds of faults at random, on virtual time. [Measured](../tooling/bench) are benchmarks.',
    '',
    `${items.length} items, ${total} of them in wire scenarios.`,
  ];
  for (const section of sections) {
    lines.push(
      '',
      `## ${section.title}`,
      '',
      `| id | ${heads.join(' | ')} | wire scenarios | elsewhere |`,
      '| --- | --- | --- | --- | --- |',
      ...section.items.map((item) => renderItem(item, evidence)),
    );
  }
  return `${lines.join('\n')}\n`;
}

function renderItem(item: Item, evidence: Evidence): string {
  const { id, fault, must, simulated, none } = item;
  const scripts = [...(evidence.scenarios.get(id) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
  const wire = scripts.map(([file, count]) => `[${sideOf(file)} ${stem(file)}](../${file}) ${count}`);
  const elsewhere = [
    ...[...(evidence.tests.get(id) ?? [])]
      .sort()
      .map((file) => `[${packageOf(file)}: ${stem(file)}](../${file})`),
    ...(simulated.length === 0 ? [] : [`simulated: ${simulated.join(', ')}`]),
    ...[...(evidence.benchmarks.get(id) ?? [])].sort().map((name) => `measured: ${name}`),
    ...(none === undefined ? [] : [`*not shown:* ${none}`]),
  ];
  return `| ${[id, fault, must, wire.join(', '), elsewhere.join('; ')].map(escapeCell).join(' | ')} |`;
}

function sideOf(file: string): string {
  return file.split('/').at(-2) ?? '';
}

function packageOf(file: string): string {
  return file.split('/')[1] ?? '';
}

function stem(file: string): string {
  return basename(file).replace(/\..*$/, '');
}

function escapeCell(cell: string): string {
  return cell.replaceAll('|', '\\|').replaceAll('__', '\\_\\_');
}
