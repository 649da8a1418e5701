import type { Cut } from './cuts.js';
import type { Ledger } from './ledger.js';

export function cutText(number: number, { planned, thrownAway }: Cut): string {
  const how = planned.reset ? 'reset' : 'broken off';
  if (planned.kind === 'handshake') {
    const whose = planned.way === 'toServer' ? 'the client' : 'the server';
    return `cut ${number}: the link is ${how} during the handshake, after ${bytesText(planned.bytes)} from ${whose}`;
  }
  return (
    `cut ${number}: the link is ${how} in the middle of traffic; on their way and lost are ` +
    `${bytesText(thrownAway.toServer)} to the server, ${bytesText(thrownAway.toClient)} to the client`
  );
}

function bytesText(count: number): string {
  return count === 1 ? '1 byte' : `${count} bytes`;
}

/** What the table means, in words. */
export function verdictText({ rows, untold, cutOff, failed, clean }: Ledger, cuts: number): string[] {
  const foreign = rows.reduce((sum, { difference }) => sum + difference.foreign, 0);
  const lines = [
    'Lost, doubled and reordered are computed from what each side wrote down, by number and by content.',
  ];
  if (cutOff > 0) {
    lines.push(
      `${cutOff} calls were cut off between question and answer. Each was rejected with "may or may not have been done", which is all that is promised for a call.`,
    );
  }
  if (foreign > 0) lines.push(`${foreign} arrived that were never sent.`);
  if (untold > 0) lines.push(`${untold} messages have no outcome.`);
  if (failed > 0) lines.push(`${failed} calls failed or had a wrong answer.`);
  lines.push(
    clean
      ? `In spite of ${cuts} cuts everything arrived once and in order.`
      : 'This is not what is promised: the run has failed.',
  );
  return lines;
}
