import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from 'node:readline';
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
      // `prompt` goes up as many rows as it drew last, which are made up for.
      output.write(`${text}\n${'\n'.repeat(rowsDrawn(line) ?? rows)}`);
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

/** What readline remembers under a name that Node does not document; it lags behind what was typed since. */
function rowsDrawn(line: Interface): number | undefined {
  return 'prevRows' in line && typeof line.prevRows === 'number' ? line.prevRows : undefined;
}
