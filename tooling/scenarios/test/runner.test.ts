import { describe, expect, it } from 'vitest';
import { against, runScript } from './run-script.js';

const server = (...lines: string[]) => runScript(against('server', ...lines));
const client = (...lines: string[]) => runScript(against('client', ...lines));

/** Each differs from a scenario that holds in one thing, and that thing must be told, with its line. */
describe.concurrent('a run against the server fails', () => {
  const refused = ['connect', 'send random 256'];

  it('for nothing, where the scenario holds', () =>
    server(...refused, 'expect close 1008 "" after 90ms within 10s'));

  it('at a wrong close code', () =>
    expect(server(...refused, 'expect close 1002')).rejects.toThrow(
      'test.wire:5: expect close 1002: came instead: close 1008',
    ));

  it('at a wrong reason', () =>
    expect(server(...refused, 'expect close 1008 "bad OAEP"')).rejects.toThrow(
      'test.wire:5: expect close 1008 bad OAEP: came instead',
    ));

  it('at a frame that came too late', () =>
    expect(server(...refused, 'expect close 1008 within 20ms')).rejects.toThrow(
      'nothing of the kind came within 20 ms',
    ));

  it('at a frame that came too early', () =>
    expect(server(...refused, 'expect close 1008 after 5s within 10s')).rejects.toThrow(
      /it came \d+ ms too early/,
    ));

  it('at a frame that never comes', () =>
    expect(server('login', 'expect message 1 {} within 100ms')).rejects.toThrow(
      'test.wire:4: expect message 1 {} within 100ms: nothing of the kind',
    ));

  it('at another payload', () =>
    expect(
      server(
        'app on message any publish {"n":1}',
        'login',
        'send message 0 {}',
        'app handled alice 0',
        'expect message 1 {"n":2}',
      ),
    ).rejects.toThrow('test.wire:7: expect message 1 {"n":2}: came instead: message 1 {"n":1}'));

  it('at another LAST SEEN SEQUENCE', () =>
    expect(server('login last-seen-sequence 0')).rejects.toThrow(
      'came instead: welcome last-seen-sequence -1',
    ));

  it('at a frame that nobody expected', () =>
    expect(server('login', 'app publish {"n":1} to alice')).rejects.toThrow(
      'test.wire:2: to end: at the end there was more: message 1 {"n":1}',
    ));

  it('at a close that nobody expected', () =>
    expect(server(...refused, 'expect end within 10s')).rejects.toThrow('came instead: close 1008'));

  it('at an effect that nobody expected', () =>
    expect(server('login', 'send message 0 {"n":1}', 'app release x')).rejects.toThrow(
      'at the end more was handled: message 0 of alice',
    ));

  it('at an effect of another message', () =>
    expect(server('login', 'send message 0 {"n":1}', 'app handled alice 1')).rejects.toThrow(
      'handled instead: message 0 of alice {"n":1}',
    ));

  it('at a frame where silence was promised', () =>
    expect(server('login', 'app publish {} to alice', 'silence 500ms')).rejects.toThrow(
      'test.wire:5: silence 500ms: came instead: message 1',
    ));

  it('at a heartbeat where strict silence was promised', () =>
    expect(server('server deadlines.heartbeat 50ms', 'login', 'silence 2s strict')).rejects.toThrow(
      'came instead: heartbeat',
    ));

  it('at sessions that are not there', () =>
    expect(server('login', 'app sessions bob within 50ms')).rejects.toThrow('there are sessions of: alice'));

  it('at an event that does not come', () =>
    expect(server('login', 'event session-closed within 50ms')).rejects.toThrow(
      'there were only listening, session-opened',
    ));
});

describe.concurrent('a run against the client fails', () => {
  it('for nothing, where the scenario holds', () =>
    client('admit', 'app send {} as it', 'expect message 0 {}', 'app sent it 0'));

  it('at a message that the script did not expect', () =>
    expect(client('admit', 'app send {} as it', 'app sent it 0')).rejects.toThrow(
      'to end: at the end there was more: message 0 {}',
    ));

  it('at another SEQUENCE', () =>
    expect(client('admit', 'app send {} as it', 'expect message 0 {}', 'app sent it 1')).rejects.toThrow(
      'it came to {"sequence":"0"',
    ));

  it('at another outcome', () =>
    expect(
      client(
        'admit',
        'app send {} as it',
        'expect message 0',
        'app close',
        'expect close 1000',
        'app outcome it accepted',
      ),
    ).rejects.toThrow('test.wire:8: app outcome it accepted: it came to E_OUTCOME_UNKNOWN'));

  it('at a message for the application that nobody expected', () =>
    expect(
      client('admit', 'app connected', 'send message 1 {}', 'app received 1 {}', 'send message 2 {}'),
    ).rejects.toThrow('at the end more was received: 2'));

  it('at a state that does not come', () =>
    expect(client('admit', 'app state stopped within 100ms')).rejects.toThrow('the states were'));

  it('at a dial where none was to come', () =>
    expect(client('admit', 'app connected', 'reset', 'idle 5s')).rejects.toThrow('the client dialed'));

  it('at a dial that does not come', () =>
    expect(client('admit', 'app connected', 'accept within 100ms')).rejects.toThrow(
      'the client did not dial within 100 ms',
    ));

  it('at a hello with another LAST SEEN ORDER', () =>
    expect(client('admit last-seen-order 5')).rejects.toThrow(
      'no such hello, but hello to server id alice last-seen-order -1',
    ));
});
