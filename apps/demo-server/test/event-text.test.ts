import { describe, expect, it } from 'vitest';
import { eventText } from '../src/event-text.js';

const closed = (code: number, error?: Error) =>
  eventText({ type: 'session-closed', clientId: 'demo', remoteAddress: '::1', code, reason: '', error });
const refused = (code: number, error?: Error) =>
  eventText({ type: 'handshake-refused', clientId: 'demo', remoteAddress: '::1', code, error });

describe('the end of a session', () => {
  it('is told with the code, and why if that is known', () => {
    expect(closed(1000)).toBe('demo is gone (closed with 1000)');
    expect(closed(1006)).toBe('demo is gone (the link was cut)');
    expect(closed(1002, new Error('a frame', { cause: new Error('too short') }))).toBe(
      'demo is gone (1002: a frame: too short)',
    );
  });

  it('says nothing twice: neither the code nor the cause', () => {
    expect(closed(4101, new Error('4101 LAST SEEN ORDER is ahead'))).toBe(
      'demo is gone (4101 LAST SEEN ORDER is ahead)',
    );
    const cause = new Error('expected zero padding (byte 267)');
    expect(closed(1002, new Error('a frame: expected zero padding (byte 267)', { cause }))).toBe(
      'demo is gone (1002: a frame: expected zero padding (byte 267))',
    );
  });
});

describe('a handshake without a session', () => {
  it('is called refused only where this server refused it', () => {
    expect(refused(1008, new Error('unknown'))).toBe(
      'somebody who says to be demo did not get in (1008: unknown)',
    );
    expect(refused(1000)).toBe('somebody who says to be demo left during the handshake (closed with 1000)');
    expect(refused(1006)).toBe('somebody who says to be demo left during the handshake (the link was cut)');
  });
});
