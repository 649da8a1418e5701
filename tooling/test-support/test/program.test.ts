import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { startProgram, stopPrograms } from '../src/index.js';

afterEach(stopPrograms);
const file = fileURLToPath(new URL('program.mjs', import.meta.url));

describe('a program', () => {
  it('is written to and read from, and tells how it ended', async () => {
    const program = startProgram(file, ['echo']);
    program.write('one\ntwo');
    expect(await program.lines.next()).toBe('one');
    expect(await program.lines.find((line) => (line === 'two' ? line.length : undefined))).toBe(3);
    program.endInput();
    expect(await program.exited).toEqual({ code: 3, signal: null });
  });

  it('is killed by the end of its block, and by stopPrograms', async () => {
    let exited: Promise<unknown>;
    {
      await using program = startProgram(file, ['echo']);
      exited = program.exited;
    }
    expect(await exited).toEqual({ code: null, signal: 'SIGKILL' });
    const other = startProgram(file, ['echo']);
    await stopPrograms();
    expect(await Promise.race([other.exited, 'running'])).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('has an environment and arguments of its own for Node', async () => {
    const program = startProgram(file, ['env'], { env: { SAID: 'so' }, nodeArgs: ['--no-warnings'] });
    expect(await program.lines.next()).toBe('so --no-warnings');
  });

  it('says what it complained of when the awaited line does not come', async () => {
    const program = startProgram(file, ['fail']);
    await expect(program.lines.next()).rejects.toThrow(/^program\.mjs ended without .*no such thing/);
    expect(await program.exited).toEqual({ code: 7, signal: null });
  });

  it('is waited for no longer than the deadline', async () => {
    const program = startProgram(file, ['echo'], { timeout: 50 });
    program.write('other\nlast');
    await program.lines.find((line) => line === 'other' || undefined, 10_000);
    await expect(program.lines.find(() => undefined)).rejects.toThrow(/in time what was awaited; last: last/);
  });

  it('is not read beyond the bound until somebody reads, and loses no line', async () => {
    const program = startProgram(file, ['count', '50000'], { maxLines: 10 });
    // More than the pipe takes: it is still there, because nobody reads.
    expect(await Promise.race([program.exited, new Promise((resolve) => setTimeout(resolve, 500))])).toBe(
      undefined,
    );
    let expected = 0;
    for await (const line of program.lines) {
      if (line !== String(expected)) throw new Error(`${line} instead of ${expected}`);
      expected += 1;
    }
    expect(expected).toBe(50_000);
  });

  it('ends when nobody is interested in its lines', async () => {
    const program = startProgram(file, ['count', '50000'], { maxLines: 10 });
    program.lines.discard();
    expect(await program.exited).toEqual({ code: 0, signal: null });
  });
});

it('ends with the process that started it, even where that one is killed', async () => {
  const parent = `
    import { startProgram } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)};
    const program = startProgram(${JSON.stringify(file)}, ['orphan']);
    await program.lines.next();
    console.log(program.pid);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', parent], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [pid] = await new Promise<string[]>((resolve) => {
    createInterface({ input: child.stdout }).once('line', (line) => resolve([line]));
  });
  child.kill('SIGKILL');
  const alive = () => {
    try {
      return process.kill(Number(pid), 0);
    } catch {
      return false;
    }
  };
  await expect.poll(alive, { timeout: 10_000 }).toBe(false);
});
