import { randomBytes } from 'node:crypto';
import { RawClient, throwAt } from '../raw-client.js';

/** What the generator says at its end. */
export interface GarbageReport {
  readonly hellos: number;
  readonly seconds: number;
  /** How those of its links ended that waited for it: by close code. */
  readonly closes: Readonly<Record<string, number>>;
}

process.once('disconnect', () => process.exit());

const [port = 0, seconds = 0, addresses = 1] = process.argv.slice(2).map(Number);
/** More than the server takes at one time from a few addresses. */
const linksAtOnce = 256;
const closes: Record<string, number> = {};
const begin = performance.now();
const end = begin + seconds * 1_000;
let hellos = 0;
let next = 0;

/** One link after the other, each with one hello that is none. */
async function send(): Promise<void> {
  while (performance.now() < end) {
    const number = next++;
    const from = `127.0.0.${10 + (number % addresses)}`;
    // The first byte keeps it below any modulus, so that it is worth a private-key operation.
    const garbage = randomBytes(256).fill(0, 0, 1);
    hellos += 1;
    // Nine of ten do not wait for anything, not even for the upgrade.
    if (number % 10 !== 0) {
      await throwAt(port, from, garbage);
      continue;
    }
    const client = await RawClient.connect(port, from);
    client.send(garbage);
    const code = await client.closed();
    closes[code] = (closes[code] ?? 0) + 1;
    client.destroy();
  }
}

await Promise.all(Array.from({ length: linksAtOnce }, send));
const report: GarbageReport = { hellos, seconds: (performance.now() - begin) / 1_000, closes };
process.stdout.write(`${JSON.stringify(report)}\n`);
process.disconnect();
