import { clearScreenDown, createInterface, cursorTo, moveCursor } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

export interface Prompt {
  /** Writes a line above the one that is being typed. */
  print(line: string): void;
  /** Each line that was typed; ends at Ctrl+C, Ctrl+D or `close`. */
  readonly lines: AsyncIterable<string>;
  close(): void;
}

/** A line of input at the bottom of the terminal, which what is printed meanwhile does not tear. */
export function openPrompt(input: Readable, output: Writable): Prompt {
  const line = createInterface({ input, output, terminal: true, prompt: '> ' });
  line.on('SIGINT', () => line.close());
  let open = true;
  line.once('close', () => {
    open = false;
  });
  line.prompt();
  return {
    print(text) {
      if (!open) {
        output.write(`${text}\n`);
        return;
      }
      const { rows } = line.getCursorPos();
      moveCursor(output, 0, -rows);
      cursorTo(output, 0);
      clearScreenDown(output);
      // The prompt is drawn anew as many rows higher as it had, so they are made up for.
      output.write(`${text}\n${'\n'.repeat(rows)}`);
      line.prompt(true);
    },
    lines: linesOf(),
    close: () => line.close(),
  };

  async function* linesOf() {
    for await (const text of line) {
      yield text;
      // What was typed ahead stays, with the cursor behind it.
      line.prompt(true);
    }
  }
}
