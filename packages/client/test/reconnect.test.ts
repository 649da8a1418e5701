import { SessionError } from '@sealwire/session';
import { TransportError } from '@sealwire/transport';
import { describe, expect, test } from 'vitest';
import { ClientError } from '../src/errors.js';
import { clientDefaults } from '../src/options.js';
import { type AttemptContext, type AttemptEnd, ReconnectPolicy, type Verdict } from '../src/reconnect.js';

const most = 0.999;
const policy = (random = most, keys = 1) => new ReconnectPolicy(clientDefaults.reconnect, () => random, keys);
const context = (changes: Partial<AttemptContext> = {}): AttemptContext => ({
  unconfirmed: undefined,
  received: -1n,
  first: false,
  otherProof: false,
  late: false,
  ...changes,
});
const end = (changes: Partial<AttemptEnd> = {}): AttemptEnd => ({
  phase: 'live',
  closeCode: 1006,
  ownClose: false,
  trusted: true,
  hardened: false,
  liveFor: 100,
  ...changes,
});
const delay = (verdict: Verdict): number => {
  if (verdict.kind === 'stop') throw verdict.error;
  return verdict.delay;
};
const code = (verdict: Verdict): string | undefined =>
  verdict.kind === 'stop' ? verdict.error.code : undefined;
const cryptoFailure = end({
  phase: 'handshake',
  ownClose: true,
  closeCode: 1002,
  error: new SessionError('E_HANDSHAKE', 'no'),
});

describe('back-off', () => {
  test('doubles from 1 s to 20 s', () => {
    const subject = policy(1);
    const delays = Array.from({ length: 8 }, () => delay(subject.next(end(), context())));
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000, 20_000]);
  });

  test('draws from the whole span each time', () => {
    const subject = policy(0.25);
    expect([delay(subject.next(end(), context())), delay(subject.next(end(), context()))]).toEqual([
      250, 500,
    ]);
  });

  test('starts anew after a session that lived a minute [N17]', () => {
    const subject = policy(1);
    for (let times = 0; times < 4; times += 1) subject.next(end(), context());
    expect(delay(subject.next(end({ liveFor: 59_999 }), context()))).toBe(16_000);
    expect(delay(subject.next(end({ liveFor: 60_000 }), context()))).toBe(1_000);
  });

  test('does not start anew while the same SEQUENCE is unconfirmed [N17]', () => {
    const subject = policy(1);
    const stuck = context({ unconfirmed: 7n });
    subject.next(end(), stuck);
    expect(delay(subject.next(end({ liveFor: 90_000 }), stuck))).toBe(2_000);
    expect(delay(subject.next(end({ liveFor: 90_000 }), context({ unconfirmed: 8n })))).toBe(1_000);
  });

  test('dials once within 100 ms after 1012 before the first frame, then as usual', () => {
    const subject = policy(1);
    const restart = end({ phase: 'proof', closeCode: 1012 });
    expect(delay(subject.next(restart, context()))).toBe(100);
    expect(delay(subject.next(restart, context()))).toBe(1_000);
    subject.next(end(), context());
    expect(delay(subject.next(restart, context()))).toBe(100);
  });

  test.each<[string, Partial<AttemptEnd>]>([
    ['over a link that is believed', {}],
    ['in a hardened session', { trusted: false, hardened: true }],
    ['in a hardened session over a link that is believed', { hardened: true }],
  ])('dials within 100 ms after a message was refused %s, unless it is the same again', (_, changes) => {
    const subject = policy(1);
    for (let times = 0; times < 4; times += 1) subject.next(end(), context());
    const refused = end({ closeCode: 1007, serverText: 'no', ...changes });
    for (let sequence = 5n; sequence < 20n; sequence += 1n) {
      expect(delay(subject.next(refused, context({ unconfirmed: sequence })))).toBe(100);
    }
    expect(delay(subject.next(refused, context({ unconfirmed: 19n })))).toBe(1_000);
    expect(delay(subject.next(refused, context({ unconfirmed: 19n })))).toBe(2_000);
    expect(delay(subject.next(refused, context({ unconfirmed: 20n })))).toBe(100);
  });

  test.each<[string, Partial<AttemptEnd>]>([
    ['by a close without words', { closeCode: 1007 }],
    ['where anybody may have written it', { closeCode: 1007, serverText: 'no', trusted: false }],
    ['by a code that refuses no message', { closeCode: 1002, serverText: 'no' }],
  ])('does not hurry after a session that ended %s', (_, changes) => {
    const subject = policy(1);
    for (let times = 0; times < 2; times += 1) subject.next(end(), context());
    expect(delay(subject.next(end(changes), context({ unconfirmed: 5n })))).toBe(4_000);
  });

  test('follows the usual rule after 1012 on a live session', () => {
    expect(delay(policy(1).next(end({ closeCode: 1012 }), context()))).toBe(1_000);
  });

  test.each([4009, 1008])('waits 30 s after %i', (closeCode) => {
    expect(delay(policy(0).next(end({ closeCode }), context()))).toBe(30_000);
  });

  test.each([401, 403, 301])('waits 30 s after HTTP %i', (status) => {
    const error = new TransportError('E_HTTP_STATUS', 'no', { status });
    expect(delay(policy(0).next(end({ phase: 'dial', error }), context()))).toBe(30_000);
  });

  test('honours what the server asked for, up to an hour [N13]', () => {
    const busy = (retryAfter: number): AttemptEnd =>
      end({ phase: 'dial', error: new TransportError('E_HTTP_STATUS', 'busy', { status: 503, retryAfter }) });
    expect(delay(policy().next(busy(7_000), context()))).toBe(7_000);
    expect(delay(policy().next(busy(1e9), context()))).toBe(3_600_000);
  });

  test('tells the close code and the words of the server', () => {
    const verdict = policy().next(end({ closeCode: 1007, serverText: 'bad side' }), context());
    expect(verdict).toMatchObject({ cause: { code: 'E_LOST', closeCode: 1007 } });
    expect(verdict.kind === 'dial' && verdict.cause.message).toContain('bad side');
  });
});

describe('stops', () => {
  test.each([
    [4000, 'E_TAKEN_OVER'],
    [4100, 'E_HISTORY_GONE'],
    [4101, 'E_AHEAD'],
  ])('%i stops with %s', (closeCode, expected) => {
    const verdict = policy().next(end({ closeCode }), context());
    expect(verdict).toMatchObject({ kind: 'stop', error: { code: expected, closeCode } });
  });

  test('4000 does not stop while another attempt of its own may be the cause [M4]', () => {
    expect(delay(policy(1).next(end({ closeCode: 4000 }), context({ otherProof: true })))).toBe(1_000);
  });

  test('4001 stops the second time in a row [X8]', () => {
    const subject = policy();
    const stuck = context({ unconfirmed: 3n });
    expect(code(subject.next(end({ closeCode: 4001 }), stuck))).toBeUndefined();
    expect(code(subject.next(end({ closeCode: 4001 }), stuck))).toBe('E_SEQUENCE');
  });

  test('4001 does not stop after progress', () => {
    const subject = policy();
    for (let sequence = 0n; sequence < 5n; sequence += 1n) {
      expect(
        code(subject.next(end({ closeCode: 4001 }), context({ unconfirmed: sequence }))),
      ).toBeUndefined();
    }
  });

  test('1008 stops the fifth time in a row', () => {
    const subject = policy();
    const refused = end({ phase: 'handshake', closeCode: 1008 });
    for (let times = 0; times < 4; times += 1) expect(code(subject.next(refused, context()))).toBeUndefined();
    expect(code(subject.next(refused, context()))).toBe('E_REFUSED');
  });

  test('a live session makes refusals good', () => {
    const subject = policy();
    const refused = end({ phase: 'handshake', closeCode: 1008 });
    for (let times = 0; times < 4; times += 1) subject.next(refused, context());
    subject.next(end(), context());
    expect(code(subject.next(refused, context()))).toBeUndefined();
  });

  test('1008 stops the first connect at once, when every key was tried', () => {
    const refused = end({ phase: 'handshake', closeCode: 1008 });
    expect(code(policy().next(refused, context({ first: true })))).toBe('E_REFUSED');
    const two = policy(1, 2);
    expect(delay(two.next(refused, context({ first: true })))).toBe(1_000);
    expect(code(two.next(refused, context({ first: true })))).toBe('E_REFUSED');
  });

  test('1008 of a handshake that took as long as the server allows neither stops nor counts', () => {
    const subject = policy(1);
    for (const phase of ['handshake', 'proof'] as const) {
      const tooLate = end({ phase, closeCode: 1008 });
      for (let times = 0; times < 10; times += 1) {
        expect(code(subject.next(tooLate, context({ first: true, late: true })))).toBeUndefined();
      }
    }
    expect(delay(policy(1).next(end({ phase: 'proof', closeCode: 1008 }), context({ late: true })))).toBe(
      1_000,
    );
    const status = end({ phase: 'dial', error: new TransportError('E_HTTP_STATUS', 'no', { status: 401 }) });
    expect(code(policy().next(status, context({ first: true, late: true })))).toBe('E_REFUSED');
  });

  test('three handshakes that fail on this side stop', () => {
    const subject = policy();
    expect(code(subject.next(cryptoFailure, context()))).toBeUndefined();
    expect(code(subject.next(cryptoFailure, context()))).toBeUndefined();
    expect(code(subject.next(cryptoFailure, context()))).toBe('E_HANDSHAKE');
  });

  test.each([1002, 1007, 1009, 1011])('five closes with %i at one SEQUENCE stop', (closeCode) => {
    const subject = policy();
    const stuck = context({ unconfirmed: 5n });
    for (let times = 0; times < 4; times += 1)
      expect(code(subject.next(end({ closeCode }), stuck))).toBeUndefined();
    expect(code(subject.next(end({ closeCode }), stuck))).toBe('E_STUCK');
  });

  test.each([
    [1002, 'layout'],
    [1007, 'refuse that message'],
    [1009, 'refuse that message'],
    [1011, 'refuse that message'],
  ])('the stop after closes with %i says: %s', (closeCode, advice) => {
    const subject = policy();
    const stuck = context({ unconfirmed: 5n });
    const verdicts = Array.from({ length: 5 }, () => subject.next(end({ closeCode }), stuck));
    expect(verdicts[4]).toMatchObject({ error: { message: expect.stringContaining(advice) } });
  });

  test('closes at different SEQUENCEs, or with nothing unconfirmed, do not stop', () => {
    const subject = policy();
    for (let sequence = 0n; sequence < 10n; sequence += 1n) {
      expect(
        code(subject.next(end({ closeCode: 1011 }), context({ unconfirmed: sequence }))),
      ).toBeUndefined();
      expect(code(subject.next(end({ closeCode: 1011 }), context()))).toBeUndefined();
    }
  });

  test.each([1006, 1012, 1013])('a session that ends with %i between them begins the count anew', (other) => {
    const subject = policy();
    const stuck = context({ unconfirmed: 5n });
    const closed = (closeCode: number) => code(subject.next(end({ closeCode }), stuck));
    const codes = [1011, 1011, 1011, 1011, other, 1011, 1011, 1011, 1011, 1011].map(closed);
    expect(codes.slice(0, -1)).toEqual(Array(9).fill(undefined));
    expect(codes.at(-1)).toBe('E_STUCK');
  });

  test('a dial or a handshake that fails between them does not', () => {
    const subject = policy();
    const stuck = context({ unconfirmed: 5n });
    for (let times = 0; times < 4; times += 1) subject.next(end({ closeCode: 1011 }), stuck);
    subject.next(end({ phase: 'dial', closeCode: 1006 }), stuck);
    subject.next(end({ phase: 'handshake', closeCode: 1013 }), stuck);
    subject.next(end({ phase: 'proof', closeCode: 1006 }), stuck);
    expect(code(subject.next(end({ closeCode: 1011 }), stuck))).toBe('E_STUCK');
  });

  // What its own link refuses is no refusal of the server's.
  test('a link that leaves with 1008 because of a frame dials again as usual, and stops at the fifth [F3]', () => {
    const subject = policy(1);
    const refused = end({ ownClose: true, closeCode: 1008, error: new SessionError('E_FRAME', 'fragments') });
    const verdicts = Array.from({ length: 5 }, () => subject.next(refused, context({ unconfirmed: 3n })));
    expect(verdicts.slice(0, 4).map(delay)).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(verdicts.map(code)[4]).toBe('E_STUCK');
  });

  test('five frames that cannot be accepted after one ORDER stop', () => {
    const subject = policy();
    const altered = end({ ownClose: true, closeCode: 1002, error: new SessionError('E_ORDER', 'jump') });
    for (let times = 0; times < 4; times += 1)
      expect(code(subject.next(altered, context({ received: 9n })))).toBeUndefined();
    expect(code(subject.next(altered, context({ received: 9n })))).toBe('E_STUCK');
  });

  test('a SEQUENCE that does not fit stops', () => {
    const error = new ClientError('E_DESYNC', 'no');
    const verdict = policy().next(
      end({ phase: 'handshake', ownClose: true, closeCode: 1000, error }),
      context(),
    );
    expect(code(verdict)).toBe('E_DESYNC');
  });

  test('a dialer that refuses its own options stops', () => {
    const error = new TransportError('E_URL', 'no such scheme');
    expect(code(policy().next(end({ phase: 'dial', error }), context()))).toBe('E_OPTION');
  });

  test('a refused TCP connection never stops', () => {
    const subject = policy();
    const error = new TransportError('E_DIAL_REFUSED', 'no');
    for (let times = 0; times < 50; times += 1) {
      expect(code(subject.next(end({ phase: 'dial', error }), context({ first: true })))).toBeUndefined();
    }
  });
});

describe('on a plain link', () => {
  test.each([4000, 4100, 4101, 1008])('%i before the welcome only slows down', (closeCode) => {
    const subject = policy(0);
    const forged = end({ phase: 'handshake', closeCode, trusted: false });
    for (let times = 0; times < 20; times += 1) {
      expect(delay(subject.next(forged, context({ first: true })))).toBe(30_000);
    }
  });

  test('handshakes that fail only slow down', () => {
    const subject = policy(0);
    for (let times = 0; times < 2; times += 1) subject.next({ ...cryptoFailure, trusted: false }, context());
    expect(delay(subject.next({ ...cryptoFailure, trusted: false }, context()))).toBe(30_000);
  });

  test('a welcome that does not fit the own state stops where the server had proved itself', () => {
    const error = new ClientError('E_DESYNC', 'the server has more than was ever sent');
    const misfit = end({ phase: 'handshake', ownClose: true, closeCode: 1000, error, trusted: false });
    expect(delay(policy(0).next(misfit, context()))).toBe(30_000);
    expect(code(policy().next({ ...misfit, hardened: true }, context()))).toBe('E_DESYNC');
  });

  test.each([
    ['handshake', 'E_HANDSHAKE'],
    ['proof', 'E_FRAME'],
  ] as const)(
    "what comes in the %s of a server that had proved itself may be anybody's: %s never stops",
    (phase, why) => {
      const subject = policy(0);
      const error = new SessionError(why, 'noise');
      const noise = end({ phase, ownClose: true, closeCode: 1002, error, trusted: false, hardened: true });
      for (let n = 0; n < 40; n++) expect(delay(subject.next(noise, context()))).toBeLessThanOrEqual(30_000);
    },
  );

  test.each([4000, 4100, 4101, 4001, 1008, 1011])(
    '%i in a session that is not believed only slows down',
    (closeCode) => {
      const subject = policy();
      const forged = end({ closeCode, trusted: false });
      for (let times = 0; times < 20; times += 1) {
        expect(code(subject.next(forged, context({ unconfirmed: 3n })))).toBeUndefined();
      }
    },
  );

  test.each([4000, 4001, 4100, 4101])(
    '%i behind the proof of a hardened session stops nothing without the words of the server [S67]',
    (closeCode) => {
      const subject = policy();
      const bare = end({ phase: 'proof', closeCode, hardened: true });
      for (let times = 0; times < 20; times += 1) {
        expect(code(subject.next(bare, context({ unconfirmed: 3n })))).toBeUndefined();
      }
    },
  );

  test.each([
    ['E_STUCK', 1011, 5],
    ['E_SEQUENCE', 4001, 2],
    ['E_REFUSED', 1008, 5],
  ])('what anybody can write brings the server no nearer to %s', (stop, closeCode, needed) => {
    const subject = policy();
    const at = context({ unconfirmed: 3n });
    subject.next(end(), at);
    const forged = end({ phase: 'handshake', closeCode, trusted: false });
    for (let times = 0; times < 20; times += 1) subject.next(forged, at);
    const said = { ...forged, hardened: true, serverText: `${closeCode} because` };
    for (let times = 1; times < needed; times += 1) expect(code(subject.next(said, at))).toBeUndefined();
    expect(code(subject.next(said, at))).toBe(stop);
  });

  test('nobody has the client wait longer than it would wait by itself', () => {
    const error = Object.assign(new Error('busy'), { status: 503, retryAfter: 3_600_000 });
    const busy = end({ phase: 'dial', error });
    expect(delay(policy().next(busy, context()))).toBe(3_600_000);
    expect(delay(policy().next({ ...busy, trusted: false }, context()))).toBe(30_000);
  });
});
