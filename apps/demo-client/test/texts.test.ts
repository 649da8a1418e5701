import { ClientError } from '@sealwire/client';
import { describe, expect, it } from 'vitest';
import {
  errorText,
  eventText,
  jsonText,
  layoutHint,
  outcomeText,
  printable,
  stateText,
  timeText,
} from '../src/texts.js';

describe('an event', () => {
  it('is shown with ORDER, time in UTC and payload', () => {
    const message = {
      order: 12n,
      timestamp: 1_795_410_001.123,
      payload: { '@type': 'A' },
      possiblyHandled: false,
    };
    expect(eventText(message)).toBe('#12  2026-11-23 05:00:01.123  {"@type":"A"}');
  });

  it('may have a time that no calendar has', () => {
    expect(timeText(1e300)).toBe('1e+300 s');
    expect(timeText(-1)).toBe('1969-12-31 23:59:59.000');
  });

  it('cannot steer the terminal', () => {
    const nasty = '\u001b[2J\u009b31m\u007f\u202eabc\n';
    expect(jsonText({ nasty })).toBe('{"nasty":"\\u001b[2J\\u009b31m\\u007f\\u202eabc\\n"}');
    expect(JSON.parse(jsonText({ nasty }))).toEqual({ nasty });
    expect(printable(nasty)).toBe('\\u001b[2J\\u009b31m\\u007f\\u202eabc\\u000a');
  });
});

it('says what became of a message', () => {
  expect(outcomeText(3n, { kind: 'accepted' })).toBe('message 3 is accepted');
  expect(outcomeText(3n, { kind: 'refused', reason: 'no' })).toBe('message 3 is refused: no');
  expect(outcomeText(3n, { kind: 'consumed' })).toContain('message 3 has arrived');
});

it('says after a stop what to do at the terminal', () => {
  const stopped = (error: ClientError) => stateText({ kind: 'stopped', error });
  const taken = stopped(new ClientError('E_TAKEN_OVER', 'connect() anew'));
  expect(taken).toMatch(/^stopped: the same client id connected elsewhere; quit /);
  for (const code of ['E_AHEAD', 'E_HISTORY_GONE', 'E_DESYNC', 'E_SEQUENCE', 'E_STORE'] as const) {
    const text = stopped(new ClientError(code, 'what happened'));
    expect(text).toContain('quit and start again');
    expect(text).not.toContain('()');
  }
});

it('suspects the layout where a close with 1002 was the reason, whether or not the client stopped', () => {
  const lost = new ClientError('E_LOST', 'the link closed with 1002', { closeCode: 1002 });
  const stuck = (cause: ClientError) => new ClientError('E_STUCK', 'closed 5 times', { cause });
  expect(stateText({ kind: 'stopped', error: stuck(lost) })).toBe(
    'stopped: closed 5 times; quit and start again (if this repeats from the start, client and server may use different layouts: check --layout)',
  );
  const other = new ClientError('E_LOST', 'the link closed with 1011', { closeCode: 1011 });
  expect(stateText({ kind: 'stopped', error: stuck(other) })).not.toContain('--layout');
  expect(layoutHint(new ClientError('E_CONNECT_TIMEOUT', 'see the cause', { cause: lost }))).toContain(
    '--layout',
  );
});

it('goes to the cause of an error where the error says that the cause knows more', () => {
  const cause = new Error('nobody listens');
  expect(errorText(new Error('no link: see the cause', { cause }))).toBe('nobody listens');
  expect(errorText(new Error('no link', { cause }))).toBe('no link');
  expect(errorText('text')).toBe('text');
});
