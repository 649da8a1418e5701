import { describe, expect, it } from 'vitest';
import { errorText, eventText, jsonText, outcomeText, printable, timeText } from '../src/texts.js';

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

it('goes to the cause of an error where the error says that the cause knows more', () => {
  const cause = new Error('nobody listens');
  expect(errorText(new Error('no link: see the cause', { cause }))).toBe('nobody listens');
  expect(errorText(new Error('no link', { cause }))).toBe('no link');
  expect(errorText('text')).toBe('text');
});
