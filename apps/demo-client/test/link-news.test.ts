import type { ConnectionState } from '@sealwire/client';
import { ClientError } from '@sealwire/client';
import { describe, expect, it } from 'vitest';
import { LinkNews } from '../src/link-news.js';

const live = (lastSeenSequence: bigint): ConnectionState => ({
  kind: 'live',
  since: 0,
  lastSeenSequence,
  layout: 'documented',
  hardening: 'hardened',
});
const waiting = (cause: ClientError): ConnectionState => ({
  kind: 'waiting',
  attempt: 1,
  retryInMs: 5,
  cause,
});
const cut = new ClientError('E_LOST', 'the link closed with 1006', { closeCode: 1006 });
const refused = new ClientError('E_DIAL', 'no link could be opened: see the cause', {
  cause: new Error('nobody listens at 127.0.0.1:1'),
});

describe('news of the link', () => {
  it('tell what changed, once, and how long there was no link', () => {
    let now = 0;
    const news = new LinkNews(() => now);
    expect(news.next({ kind: 'connecting', attempt: 1 })).toBeUndefined();
    expect(news.next(live(-1n))).toBe('connected: the server has no message of this client yet');
    now = 1_000;
    expect(news.next(waiting(cut))).toBe('no link: the link was cut; trying again');
    expect(news.next({ kind: 'connecting', attempt: 1 })).toBeUndefined();
    now = 1_500;
    expect(news.next(waiting(refused))).toBe('no link: nobody listens at 127.0.0.1:1; trying again');
    expect(news.next(waiting(refused))).toBeUndefined();
    now = 2_250;
    expect(news.next(live(41n))).toBe(
      'connected again after 1.25 s: the server has the messages of this client up to 41',
    );
    expect(news.next(waiting(cut))).toBe('no link: the link was cut; trying again');
  });

  it('tell a stop only after there was a session, because before it the program ends with its own sentence', () => {
    const error = new ClientError('E_TAKEN_OVER', 'the same client id connected elsewhere');
    expect(new LinkNews().next({ kind: 'stopped', error })).toBeUndefined();
    const news = new LinkNews();
    news.next(live(0n));
    expect(news.next({ kind: 'stopped', error })).toBe(
      'stopped: the same client id connected elsewhere; quit that one, then quit and start this one again',
    );
  });
});
