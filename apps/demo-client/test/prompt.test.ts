import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { openPrompt } from '../src/prompt.js';

const ESC = String.fromCharCode(27);
const parts = new RegExp(`${ESC}\\[\\d*[A-Z]|[^]`, 'g');

/** A terminal of 20 columns that draws what is written to it, as far as a prompt needs. */
class Screen extends PassThrough {
  readonly columns = 20;
  readonly rows: string[] = [''];
  #row = 0;
  #column = 0;

  override write(chunk: unknown): boolean {
    for (const [part] of String(chunk).matchAll(parts)) this.#draw(part);
    return true;
  }

  get text(): string {
    return this.rows
      .map((row) => row.trimEnd())
      .join('\n')
      .trimEnd();
  }

  #draw(part: string): void {
    if (part.startsWith(ESC)) this.#obey(part.at(-1), Number(part.slice(2, -1) || 1));
    else if (part === '\r') this.#column = 0;
    else if (part === '\n') [this.#row, this.#column] = [this.#row + 1, 0];
    else this.#put(part);
    while (this.rows.length <= this.#row) this.rows.push('');
  }

  #obey(code: string | undefined, count: number): void {
    if (code === 'A') this.#row = Math.max(0, this.#row - count);
    else if (code === 'B') this.#row += count;
    else if (code === 'C') this.#column += count;
    else if (code === 'D') this.#column -= count;
    else if (code === 'G') this.#column = count - 1;
    else if (code === 'J') this.rows.splice(this.#row, this.rows.length, this.#before());
    else if (code === 'K') this.rows[this.#row] = this.#before();
    else throw new Error(`not drawn: ${code}`);
  }

  #before(): string {
    return (this.rows[this.#row] ?? '').slice(0, this.#column);
  }

  #put(character: string): void {
    if (this.#column === this.columns) {
      this.#row += 1;
      this.#column = 0;
    }
    const row = (this.rows[this.#row] ?? '').padEnd(this.#column);
    this.rows[this.#row] = row.slice(0, this.#column) + character + row.slice(this.#column + 1);
    this.#column += 1;
  }
}

async function typed(input: PassThrough, text: string): Promise<void> {
  input.write(text);
  await new Promise((resolve) => setImmediate(resolve));
}

describe('the prompt', () => {
  it('stays whole below what is printed while somebody types', async () => {
    const [input, screen] = [new PassThrough(), new Screen()];
    const prompt = openPrompt(input, screen);
    await typed(input, '{"half');
    prompt.print('#1 event');
    expect(screen.text).toBe('#1 event\n> {"half');
    await typed(input, '":1}');
    prompt.print('#2 event');
    expect(screen.text).toBe('#1 event\n#2 event\n> {"half":1}');
    prompt.close();
  });

  it('stays whole when it takes several rows', async () => {
    const [input, screen] = [new PassThrough(), new Screen()];
    const prompt = openPrompt(input, screen);
    await typed(input, 'abcdefghijklmnopqrstuvwxyz0123456789');
    prompt.print('#1 event');
    prompt.print('#2 event');
    expect(screen.text).toBe('#1 event\n#2 event\n> abcdefghijklmnopqr\nstuvwxyz0123456789');
    prompt.close();
  });

  it('gives the lines, keeps what is typed ahead, and ends at Ctrl+C', async () => {
    const [input, screen] = [new PassThrough(), new Screen()];
    const prompt = openPrompt(input, screen);
    const lines: string[] = [];
    const reading = (async () => {
      for await (const line of prompt.lines) lines.push(line);
    })();
    await typed(input, 'one\rtwo\rthr');
    prompt.print('#1 event');
    expect(lines).toEqual(['one', 'two']);
    expect(screen.text.endsWith('#1 event\n> thr')).toBe(true);
    await typed(input, '\u0003');
    await reading;
    prompt.print('after the end');
    expect(screen.text).toContain('after the end');
    expect(lines).toEqual(['one', 'two']);
  });
});
