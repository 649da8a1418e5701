import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

export interface RunOptions {
  readonly seed: number;
  /** How many servers are killed, and how many clients. */
  readonly server: number;
  readonly client: number;
  readonly clients: number;
  /** Kept messages per client: beyond it each commit removes older ones. */
  readonly keep: number;
  /** The folder stays, whatever comes out. */
  readonly keepFolder: boolean;
}

export const usage = `pnpm --filter @sealwire/crash kill -- [options]

Kills real servers and clients under load and proves afterwards that nothing was lost, doubled or
reordered. Ends with 0 if so, else with 1 and what broke.

  --server N     servers to kill (50)
  --client N     clients to kill (25)
  --clients N    clients at a time, 2 to 8 (3)
  --keep N       messages that the server keeps per client (2000)
  --seed N       as printed by another run: the same plan, as far as processes can be repeated
  --keep-folder  keep database and journals
`;

/** @throws Error in words for the user */
export function readOptions(args: readonly string[]): RunOptions | 'help' {
  const { values } = parseArgs({
    // pnpm hands its own separator on.
    args: args.filter((arg) => arg !== '--'),
    options: {
      server: { type: 'string', default: '50' },
      client: { type: 'string', default: '25' },
      clients: { type: 'string', default: '3' },
      keep: { type: 'string', default: '2000' },
      seed: { type: 'string' },
      'keep-folder': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    seed: values.seed === undefined ? randomInt(2 ** 32) : wholeNumber('seed', values.seed, 0, 2 ** 32),
    server: wholeNumber('server', values.server, 0, 100_000),
    client: wholeNumber('client', values.client, 0, 100_000),
    clients: wholeNumber('clients', values.clients, 2, 8),
    keep: wholeNumber('keep', values.keep, 100, 1_000_000),
    keepFolder: values['keep-folder'],
  };
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new Error(`--${name} ${text} is not a whole number from ${least} to ${most}`);
  }
  return value;
}
