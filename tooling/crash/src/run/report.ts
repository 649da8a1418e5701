import type { Violation } from '../check/violation.js';
import { readJournals } from '../journal.js';
import type { ClientRecord, ServerRecord } from '../records.js';
import type { RunResult } from './run.js';
import { p99 } from './tally.js';

/** Lines of a journal before and after the one that shows a violation. */
const context = 6;

/** What was done and what it came to, as one paragraph. */
export function summaryText({ stage, serverDeaths, clientDeaths, weather, recoveries }: RunResult): string {
  const records = stage.clientIds.map((id) => stage.clientRecords(id));
  const count = (kind: ClientRecord['kind']) =>
    records.reduce((sum, list) => sum + list.filter((record) => record.kind === kind).length, 0);
  const published = stage.serverRecords().filter(({ kind }) => kind === 'published').length;
  const slowest = p99(recoveries);
  return [
    `messages: ${count('send')} sent, ${count('sent')} handed over, ${count('outcome')} confirmed`,
    `events: ${count('got')} delivered, ${count('done')} with an effect, ${count('skipped')} known already, ${count('gap')} gaps told`,
    `calls: ${count('call')} made, ${count('answered')} answered; published from outside of handlers: ${published}`,
    `servers: ${serverDeaths}`,
    `clients: ${clientDeaths}`,
    `links: ${weather}; ${stage.proxy.opened} opened`,
    `from listening to the first confirmation: p99 ${slowest?.toFixed(0) ?? '-'} ms of ${recoveries.length} restarts`,
  ].join('\n');
}

/** What broke, with the lines of the journal around it. */
export function violationText({ rule, journal, message, index }: Violation, folder: string): string {
  const head = `${rule}: ${journal}: ${message}`;
  if (index === undefined) return head;
  const records = readJournals<ClientRecord | ServerRecord>(folder, journal);
  const lines = records.slice(Math.max(0, index - context), index + context + 1);
  const first = Math.max(0, index - context);
  return [
    head,
    ...lines.map((line, n) => `${first + n === index ? '  > ' : '    '}${JSON.stringify(line)}`),
  ].join('\n');
}
