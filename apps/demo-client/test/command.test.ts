import { describe, expect, it } from 'vitest';
import { parseCommand } from '../src/command.js';

describe('a line', () => {
  it('of JSON is a message, whatever value it is', () => {
    expect(parseCommand(' {"@type":"Hello"} ')).toEqual({ kind: 'send', payload: { '@type': 'Hello' } });
    expect(parseCommand('[1]')).toEqual({ kind: 'send', payload: [1] });
    expect(parseCommand('null')).toEqual({ kind: 'send', payload: null });
  });

  it('that begins with rpc is a call', () => {
    expect(parseCommand('rpc {"@type":"Echo"}')).toEqual({ kind: 'call', payload: { '@type': 'Echo' } });
    expect(parseCommand('rpc\t"x"')).toEqual({ kind: 'call', payload: 'x' });
  });

  it('may be a command of one word', () => {
    for (const kind of ['cut', 'status', 'help', 'quit']) expect(parseCommand(` ${kind}`)).toEqual({ kind });
  });

  it('may be empty', () => {
    expect(parseCommand('  \t')).toEqual({ kind: 'nothing' });
  });

  it.each(['hello', '{"a":', 'Cut', 'cut now', 'rpcx {}'])('"%s" is not understood', (line) => {
    expect(parseCommand(line)).toEqual({
      kind: 'bad',
      reason: 'This is neither JSON nor a command: type JSON, rpc JSON, cut, status, help or quit.',
    });
  });

  it.each(['{"price":9007199254740993}', 'rpc [1e999]'])('"%s" would be rounded, and is not sent', (line) => {
    expect(parseCommand(line)).toEqual({
      kind: 'bad',
      reason: 'It cannot be sent: the payload holds a number that would be rounded: send it as a string.',
    });
  });

  it.each(['rpc', 'rpc {', 'rpc cut'])('"%s" is no call', (line) => {
    expect(parseCommand(line)).toEqual({
      kind: 'bad',
      reason: 'What follows rpc is not JSON: type rpc {"@type":"Echo"}, for example.',
    });
  });
});
