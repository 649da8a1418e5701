import { clientCommands, compile, parseScript, serverCommands } from '@sealwire/scenarios';
import { describe, expect, it } from 'vitest';
import { against } from './run-script.js';

function errorOf(text: string): string {
  try {
    const { side, scenarios } = parseScript('a.wire', text);
    for (const scenario of scenarios) {
      if (side === 'server') compile(scenario, side, serverCommands);
      else compile(scenario, side, clientCommands);
    }
  } catch (error) {
    return error instanceof Error ? `${error.name} ${error.message}` : String(error);
  }
  return 'none';
}

describe('a script', () => {
  it('is read into scenarios with their ids and blocks', () => {
    const { side, scenarios } = parseScript(
      'a.wire',
      'against server\n\n# why\nscenario one [N1, H12]\n  login; reset # here\n  together\n    send "a"\n    send "b"\nscenario two [P1]\n    login\n',
    );
    expect(side).toBe('server');
    expect(scenarios.map(({ title, ids, position }) => [title, ids, position.line])).toEqual([
      ['one', ['N1', 'H12'], 4],
      ['two', ['P1'], 9],
    ]);
    const [first] = scenarios;
    expect(first?.body.map(({ tokens, block }) => [tokens[0]?.text, block.length])).toEqual([
      ['login', 0],
      ['reset', 0],
      ['together', 2],
    ]);
  });

  it('repeats a loop with its name replaced', () => {
    const [scenario] = parseScript(
      'a.wire',
      against('server', 'for n in 1..2 x', '  for id in alice', '    $id: send message 7 {"n":"$n $id"}'),
    ).scenarios;
    const { steps } = compile(scenario!, 'server', serverCommands);
    expect(steps.map(({ text }) => text)).toEqual([
      'alice: send message 7 {"n":"1 alice"}',
      'alice: send message 7 {"n":"2 alice"}',
      'alice: send message 7 {"n":"x alice"}',
    ]);
  });

  it('adds to a loop name', () => {
    const [scenario] = parseScript(
      'a.wire',
      against('server', 'for n in 1..2', `  send message $${'{n-1}'} {}`),
    ).scenarios;
    expect(compile(scenario!, 'server', serverCommands).steps.map(({ text }) => text)).toEqual([
      'send message 0 {}',
      'send message 1 {}',
    ]);
  });

  const line = (text: string) => errorOf(against('server', 'login', text));

  it.each([
    ['scenario x [N1]\n  login', 'a.wire:1: a script begins with'],
    ['against server\n  scenario x [N1]', 'a.wire:2: a scenario begins with'],
    ['against server\nscenario x\n  login', 'a.wire:2: a scenario begins with'],
    ['against server\nscenario x [n1]\n  login', 'a.wire:2: a scenario begins with'],
    ['against server\nscenario x [N1]', 'a.wire:2: the scenario is empty'],
    [
      'against server\nscenario x [N1]\n  login\nscenario x [N1]\n  login',
      'a.wire:4: this title occurs twice',
    ],
    ['against server\nscenario x [N1]\n  login\n    send "a"', 'a.wire:3: login has no block'],
    ['against server\nscenario x [N1]\n    login\n  login', 'a.wire:4: this line is indented'],
    ['against server\nscenario x [N1]\n\tlogin', 'a.wire:3: indent with blanks'],
    [
      'against server\nscenario x [N1]\n  login\n  layouts deployed',
      'a.wire:4: no statement begins with layouts',
    ],
    [
      'against server\nscenario x [N1]\n  layouts both\n  login',
      'a.wire:3: a layout is one of documented, deployed',
    ],
    ['against client\nscenario x [N1]\n  login', 'a.wire:3: no statement begins with login'],
  ])('%j is refused with its line', (text, words) => {
    expect(errorOf(text)).toContain(`ScriptError ${words}`);
  });

  it.each([
    ['sned "a"', 'no statement begins with sned'],
    ['send', 'bytes is missing'],
    ['send massage 0 {}', 'massage makes no bytes'],
    ['send message x {}', 'SEQUENCE is a whole number, not x'],
    ['send message 0 {} twice', 'twice is too much here'],
    ['send (zeros 3', '")" is missing before the end'],
    ['send zeros 3 | flap 1', 'an operation is one of flip'],
    ['send $later', 'nothing above names $later'],
    ['send {"a":1', 'JSON that begins at column 6 has no end'],
    ['send "a', 'a string that begins at column 6 has no end'],
    ['send "\\q"', '"\\q" has an escape that JSON does not know'],
    ['send hex 0', '0 is not hexadecimal'],
    ['send uint 1 +', 'bytes is missing'],
    ['expect colse 1000', 'colse cannot be expected'],
    ['expect close 1000 within soon', 'the time is a time such as 300ms or 2s, not soon'],
    ['expect close 1000 within 2s after 1s', 'after is too much here'],
    ['together', 'together needs a block below it'],
    ['for n in', 'a loop has 1 to 10000 turns, not 0'],
    ['for n in 1..2', 'for needs a block below it'],
    ['for n in 2..1', '2..1 is no range'],
    ['let X = zeros 1', 'X is no name'],
    ['app on message 0 answer {}', 'a message has no answer'],
    ['app on request 0 refuse "x"', 'a request is not refused'],
    ['app dance', 'the application knows'],
    ['login;', 'there is an empty statement'],
    ['silence long', 'the time is a time such as'],
    ['write "a" in pieces of 0', 'a piece has at least one byte'],
  ])('%j is refused with its line', (text, words) => {
    expect(line(text)).toContain(`ScriptError a.wire:4: ${words}`);
  });
});
