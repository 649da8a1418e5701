import { describe, expect, it } from 'vitest';
import { oneOf, parseFlags, UsageError, wholeNumber } from '../src/index.js';

const names = { values: ['port', 'host'], switches: ['lab'] } as const;
const parse = (...args: string[]) => parseFlags(args, names);

describe('parseFlags', () => {
  it('reads both ways to give a value, and switches', () => {
    const { values, switches } = parse('--port', '80', '--host=::1', '--lab');
    expect([...values]).toEqual([
      ['port', '80'],
      ['host', '::1'],
    ]);
    expect([...switches]).toEqual(['lab']);
  });

  it('hands on a value that is a negative number', () => {
    expect(parse('--port', '-1').values.get('port')).toBe('-1');
  });

  it('takes the leading -- that pnpm hands on', () => {
    expect(parse('--', '--lab').switches.has('lab')).toBe(true);
  });

  it.each([
    [['--prot', '1'], '--prot is not known: known are --port, --host, --lab.'],
    [['--port'], '--port needs a value: write --port VALUE, or see --help.'],
    [['--port', '-'], '--port needs a value: write --port VALUE, or see --help.'],
    [['--port', '-x'], '--port needs a value: write --port VALUE, or see --help.'],
    [['--port', '--lab'], '--port needs a value: write --port VALUE, or see --help.'],
    [['--lab=yes'], '--lab takes no value: write --lab alone.'],
    [['--lab', '--lab'], '--lab is given twice: give it once.'],
    [['8080'], '"8080" belongs to no flag: write --name value, or see --help.'],
  ])('refuses %j in one sentence', (args, sentence) => {
    expect(() => parse(...args)).toThrow(new UsageError(sentence));
  });
});

describe('values', () => {
  it.each(['', '1.5', '-1', '65536', '1e3', '9'.repeat(16)])('%j is no port', (text) => {
    expect(() => wholeNumber('--port', text, 0, 65_535)).toThrow(
      new UsageError(`--port ${text} is not a whole number from 0 to 65535: give one.`),
    );
  });

  it('names the choices', () => {
    expect(oneOf('--layout', 'auto', ['auto', 'deployed'])).toBe('auto');
    expect(() => oneOf('--layout', 'flat', ['auto', 'deployed'])).toThrow(
      new UsageError('--layout flat is not known: choose one of auto, deployed.'),
    );
  });
});
