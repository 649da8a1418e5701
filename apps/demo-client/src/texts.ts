import type { ClientError, ConnectionState, Message, Outcome } from '@sealwire/client';
import { codeOf } from '@sealwire/demo-common';

/** JSON on one line, without characters by which a peer could steer the terminal. */
export function jsonText(value: unknown): string {
  return printable(JSON.stringify(value) ?? 'nothing');
}

/** Escapes what a terminal may obey and what turns the direction of writing. */
export function printable(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** `#12  2026-11-23 05:00:01.123  {"@type":"Accepted"}`; the time is UTC. */
export function eventText({ order, timestamp, payload }: Message): string {
  return `#${order}  ${timeText(timestamp)}  ${jsonText(payload)}`;
}

/** @param timestamp seconds since 1970 UTC */
export function timeText(timestamp: number): string {
  const date = new Date(timestamp * 1000);
  // A peer may give any number, also one that no calendar has.
  if (Number.isNaN(date.getTime())) return `${timestamp} s`;
  return date.toISOString().replace('T', ' ').replace('Z', '');
}

export function outcomeText(sequence: bigint, outcome: Outcome): string {
  switch (outcome.kind) {
    case 'accepted':
      return `message ${sequence} is accepted`;
    case 'consumed':
      return `message ${sequence} has arrived; this server does not say whether it was accepted`;
    case 'refused':
      return `message ${sequence} is refused: ${printable(outcome.reason)}`;
  }
}

/** What an error says, with the cause that says more. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return printable(String(error));
  const { cause } = error;
  const telling = cause instanceof Error && error.message.includes('cause') ? cause : error;
  return printable(noTlsText(telling) ?? telling.message);
}

/** OpenSSL's words for a peer that answers without TLS help nobody. */
function noTlsText(error: Error): string | undefined {
  const { cause, message } = error;
  if (codeOf(error) !== 'E_TLS' || !(cause instanceof Error)) return undefined;
  if (!/wrong version number|packet length too long|ERR_SSL_WRONG_VERSION_NUMBER/i.test(cause.message)) {
    return undefined;
  }
  return `${message.replace(`: ${cause.message}`, '')}, for no TLS is spoken there: ws:// perhaps?`;
}

/** Why the client stopped for good, and what whoever sits at the terminal can do about it. */
export function stopText(error: ClientError): string {
  switch (error.code) {
    case 'E_TAKEN_OVER':
      return 'the same client id connected elsewhere; quit that one, then quit and start this one again';
    case 'E_STUCK':
      return `${errorText(error)}; quit and start again${layoutHint(error)}`;
    case 'E_HISTORY_GONE':
      return 'the server does not keep all events any more that this client has not read; quit and start again to read from the oldest that is kept';
    case 'E_AHEAD':
      return 'this client has read further than the server now goes, which has lost events; quit and start again to read what it has';
    default:
      return `${errorText(error)}; quit and start again: the client then goes on where the server is`;
  }
}

/** A frame in the wrong layout is one that breaks the protocol. Empty where nothing hints at that. */
export function layoutHint(error: unknown): string {
  return closeCodes(error).includes(1002)
    ? ' (if this repeats from the start, client and server may use different layouts: check --layout)'
    : '';
}

function closeCodes(error: unknown): readonly unknown[] {
  if (!(error instanceof Error)) return [];
  const own = 'closeCode' in error ? [error.closeCode] : [];
  return [...own, ...closeCodes(error.cause)];
}

/** How far the server has this client's messages. */
export function progressText(lastSeenSequence: bigint): string {
  return lastSeenSequence < 0n
    ? 'the server has no message of this client yet'
    : `the server has the messages of this client up to ${lastSeenSequence}`;
}

export function stateText(state: ConnectionState): string {
  switch (state.kind) {
    case 'connecting':
      return `connecting, attempt ${state.attempt}`;
    case 'live':
      return 'connected';
    case 'waiting':
      return `no link (${lossText(state.cause)}); the next try comes by itself`;
    case 'closing':
      return 'closing';
    case 'closed':
      return 'closed';
    case 'stopped':
      return `stopped: ${stopText(state.error)}`;
  }
}

export function lossText(cause: Error & { readonly closeCode?: number | undefined }): string {
  return cause.closeCode === 1006 ? 'the link was cut' : errorText(cause);
}
