import { parseCommand } from './command.js';
import type { Conversation } from './conversation.js';
import type { Prompt } from './prompt.js';

/**
 * Commands as they are typed; several may be under way at one time. Returns at the end of the input at once, and at
 * `quit` when all is settled.
 */
export async function runInteractive(conversation: Conversation, prompt: Prompt): Promise<void> {
  for await (const line of prompt.lines) {
    const command = parseCommand(line);
    if (command.kind === 'quit') {
      // First, so that Ctrl+C ends a wait that takes too long.
      prompt.close();
      await conversation.settled();
      return;
    }
    void conversation.run(command);
  }
}
