import { Refusal } from '../engine/probe.js';
import type { Target } from '../engine/target.js';
import { rule } from '../engine/violation.js';
import { transportErrors } from '../support/errors.js';
import { internal } from '../support/internal.js';
import { textOf, utf8 } from '../support/script.js';

const { checkUrl } = await internal<{ checkUrl(url: string, allowPlaintext: boolean): URL }>(
  '@sealwire/transport-ws',
  'url.js',
);
const { parseRetryAfter, httpError } = await internal<{
  parseRetryAfter(value: string | undefined, nowMs: number): number | undefined;
  httpError(response: object, url: URL): { readonly code: string; readonly retryAfter: number | undefined };
}>('@sealwire/transport-ws', 'dial-error.js');
const { isLoopbackAddress } = await internal<{ isLoopbackAddress(address: string | undefined): boolean }>(
  '@sealwire/transport-ws',
  'loopback.js',
);

/** Addresses to dial: what is accepted is encrypted, or on this machine, or was asked for. */
export const urls: Target = {
  name: 'transport-ws-url',
  sources: ['packages/transport-ws/dist/url.js', 'packages/transport-ws/dist/loopback.js'],
  share: 0.5,
  seeds: () =>
    [
      'wss://example.com/feed?x=1',
      'ws://127.0.0.1:8080',
      'ws://[::1]/',
      'ws://0x7f.1',
      'ws://localhost.:1/',
      'ws://127.0.0.1.example.com',
      'wss://user:pass@example.com',
      'wss://example.com/#part',
      'https://example.com',
      'ws://10.0.0.1',
      'ws://[::ffff:127.0.0.1]',
      'ws:\\\\example.com',
    ].map(utf8),
  dictionary: [
    'ws:',
    'wss:',
    '//',
    '127.0.0.1',
    '[::1]',
    'localhost',
    '@',
    '#',
    '%00',
    '%2e',
    '。',
    '０',
  ].map(utf8),
  run(input, probe) {
    const text = textOf(input);
    const strict = probe.call(2 * text.length, transportErrors, () => checkUrl(text, false), { factor: 16 });
    const lax = probe.call(2 * text.length, transportErrors, () => checkUrl(text, true), { factor: 16 });
    if (!(strict instanceof Refusal)) {
      const { protocol, hostname } = strict;
      const local = hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
      rule(protocol === 'wss:' || (protocol === 'ws:' && local), 'without TLS only this machine is dialed');
      rule(!(lax instanceof Refusal), 'what is allowed without plaintext is allowed with it');
    }
    if (!(lax instanceof Refusal)) {
      rule(
        lax.username === '' && lax.password === '' && !lax.href.includes('#'),
        'no credentials and no fragment',
      );
    } else {
      const { message } = lax.error;
      rule(!message.includes('@'), 'an error does not repeat what may be a password');
    }
    isLoopbackAddress(text);
  },
};

const now = Date.UTC(2020, 0, 1);

/** What a server or a proxy answers instead of an upgrade. */
export const httpAnswers: Target = {
  name: 'transport-ws-http',
  sources: ['packages/transport-ws/dist/dial-error.js'],
  share: 0.3,
  seeds: () =>
    ['120', '999999999', '-1', 'Wed, 21 Oct 2099 07:28:00 GMT', '1e9', ''].map((text) =>
      Uint8Array.of(1, 0xf7, ...utf8(text)),
    ),
  run(input, probe) {
    const statusCode = ((input[0] ?? 0) << 8) | (input[1] ?? 0);
    const text = textOf(input.subarray(2));
    const wait = probe.call(2 * text.length, undefined, () => parseRetryAfter(text, now), { factor: 16 });
    rule(
      wait === undefined || (typeof wait === 'number' && wait >= 0 && Number.isFinite(wait)),
      'a wait is a time',
    );
    const error = probe.call(
      2 * text.length,
      undefined,
      () => httpError({ statusCode, headers: { 'retry-after': text } }, new URL('wss://example.com')),
      { factor: 16 },
    );
    rule(!(error instanceof Refusal), 'an answer is an error');
    rule(
      error.code === (statusCode >= 300 && statusCode < 400 ? 'E_REDIRECT' : 'E_HTTP_STATUS'),
      'a redirect is told from a status',
    );
  },
};
