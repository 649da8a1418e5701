import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { parseCommand } from './command.js';
import type { Conversation } from './conversation.js';

/**
 * One command a line, each after the one before; only messages do not wait for the answer of a call, as they do not
 * wait in the protocol. Returns at the end of the input or at `quit`, when all is settled.
 */
export async function runPlain(conversation: Conversation, input: Readable): Promise<void> {
  let call = Promise.resolve();
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    const command = parseCommand(line);
    if (command.kind !== 'send') await call;
    if (command.kind === 'quit') break;
    const done = conversation.run(command);
    if (command.kind === 'call') call = done;
    else await done;
  }
  await call;
  await conversation.settled();
}
