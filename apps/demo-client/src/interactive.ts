import { parseCommand } from './command.js';
import type { Conversation } from './conversation.js';
import type { Prompt } from './prompt.js';

/** Commands as they are typed; several may be under way at one time. Returns at the end of the input or at `quit`. */
export async function runInteractive(conversation: Conversation, prompt: Prompt): Promise<void> {
  for await (const line of prompt.lines) {
    const command = parseCommand(line);
    if (command.kind === 'quit') break;
    void conversation.run(command);
  }
  prompt.close();
}
