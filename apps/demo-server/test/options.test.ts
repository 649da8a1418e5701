import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readOptions, usage } from '../src/options.js';

function complaint(...args: string[]): string {
  try {
    readOptions(args);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'E_USAGE') return error.message;
    throw error;
  }
  throw new Error('nothing was wrong');
}

describe('options', () => {
  it('listens on loopback with the documented layout unless told otherwise', () => {
    expect(readOptions([])).toMatchObject({
      port: 8080,
      host: '127.0.0.1',
      layout: 'documented',
      lab: false,
      allowPlaintext: false,
      serverKey: undefined,
      clients: undefined,
      journal: undefined,
    });
  });

  it('takes every flag, with a space or an equals sign', () => {
    const args = '--port 0 --host=::1 --data d --server-key k --clients c --layout auto --journal j --lab';
    expect(readOptions([...args.split(' '), '--allow-plaintext'])).toEqual({
      port: 0,
      host: '::1',
      data: resolve('d'),
      serverKey: resolve('k'),
      clients: resolve('c'),
      layout: 'auto',
      journal: resolve('j'),
      lab: true,
      allowPlaintext: true,
    });
  });

  it('ignores the -- that pnpm hands on', () => {
    expect(readOptions(['--', '--port', '1'])).toMatchObject({ port: 1 });
  });

  it('gives help whatever else is right, and names every flag there', () => {
    expect(readOptions(['--help', '--lab'])).toBe('help');
    const known = complaint('--x').match(/--[a-z-]+/g) ?? [];
    for (const flag of known.slice(1)) expect(usage).toContain(flag);
  });

  it.each([
    [
      ['--prot', '1'],
      '--prot is not known: known are --port, --host, --data, --server-key, --clients, --layout, --journal, --lab, --allow-plaintext, --help.',
    ],
    [['-p', '1'], /^-p is not known: /],
    [['--port'], '--port needs a value: write --port VALUE, or see --help.'],
    [['--port='], '--port needs a value: write --port VALUE, or see --help.'],
    [['--port', '--lab'], '--port needs a value: write --port VALUE, or see --help.'],
    [['--port', '65536'], '--port 65536 is not a whole number from 0 to 65535: give one.'],
    [['--port', '-1'], '--port -1 is not a whole number from 0 to 65535: give one.'],
    [['--port=-1'], '--port -1 is not a whole number from 0 to 65535: give one.'],
    [['--port', '80.5'], '--port 80.5 is not a whole number from 0 to 65535: give one.'],
    [['--port', '1', '--port', '2'], '--port is given twice: give it once.'],
    [['--lab', '--lab'], '--lab is given twice: give it once.'],
    [['--lab=yes'], '--lab takes no value: write --lab alone.'],
    [['--layout', 'old'], '--layout old is not known: choose one of documented, deployed, auto.'],
    [['8080'], '"8080" belongs to no flag: write --name value, or see --help.'],
    [['--lab', '--', 'x'], '"--" belongs to no flag: write --name value, or see --help.'],
  ])('refuses %j in one sentence', (args, sentence) => {
    expect(complaint(...args)).toMatch(sentence);
    if (typeof sentence === 'string') expect(complaint(...args)).toBe(sentence);
  });
});
