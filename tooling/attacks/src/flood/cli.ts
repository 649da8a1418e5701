import { parseArgs } from 'node:util';
import { flood } from './flood.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    addresses: { type: 'string', default: '64' },
    witnesses: { type: 'string', default: '50' },
  },
});
const { garbage, server, beats, latestBeat, latestTimer, lost, logins, turnedAway } = await flood({
  seconds: Number(values.seconds),
  addresses: Number(values.addresses),
  witnesses: Number(values.witnesses),
});
const sorted = [...logins].sort((a, b) => a - b);
const rows: readonly (readonly [string, string])[] = [
  ['garbage hellos a second', (garbage.hellos / garbage.seconds).toFixed(0)],
  ['how they ended', JSON.stringify(garbage.closes)],
  ['what the server refused', JSON.stringify(server.refused)],
  ['heartbeats of live sessions', String(beats)],
  ['latest heartbeat, ms late', latestBeat.toFixed(0)],
  ['latest timer of an idle process, ms late', latestTimer.toFixed(0)],
  ['sessions lost', String(lost)],
  ['event loop of the server, ms late: 99 of 100', server.loopDelay.p99.toFixed(1)],
  ['event loop of the server, ms late: the latest', server.loopDelay.max.toFixed(1)],
  ['handshakes of honest clients meanwhile', String(logins.length)],
  ['those that were turned away', String(turnedAway)],
  ['the median of them, ms', (sorted[sorted.length >> 1] ?? 0).toFixed(1)],
  ['the slowest of them, ms', (sorted.at(-1) ?? 0).toFixed(1)],
];
for (const [what, value] of rows) process.stdout.write(`${what.padEnd(50)}${value}\n`);
process.exitCode = lost > 0 || latestBeat > 1_000 + latestTimer ? 1 : 0;
