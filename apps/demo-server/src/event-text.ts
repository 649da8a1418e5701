import type { ServerEvent } from '@sealwire/server';

/** A line for the person who runs the server; undefined for what is no news. */
export function eventText(event: ServerEvent): string | undefined {
  switch (event.type) {
    case 'session-opened':
      return `${event.clientId} is connected from ${event.remoteAddress ?? 'somewhere'}${plainText(event.hardening)}`;
    case 'downgraded':
      return `${event.clientId} was hardened before and is not now: is it an older program?`;
    case 'session-closed':
      return `${event.clientId} is gone (${closeText(event.code, event.error)})`;
    case 'handshake-refused':
      return refusedText(event);
    case 'message-refused':
      return `message ${event.sequence} of ${event.clientId} was refused: ${event.reason}`;
    case 'handler-failed':
      return `the handler failed for ${event.clientId}: ${causeText(event.error)}`;
    case 'rollback':
    case 'store-failed':
      return `the store failed for ${event.clientId}: ${causeText(event.error)}`;
    case 'overloaded':
      return `overloaded: the limit ${event.limit} is reached, ${event.count} turned away`;
    case 'rate-exceeded':
      return `${event.clientId} sent more than its rate, ${event.times} times by now`;
    case 'directory-problem':
      return `${event.source}: ${causeText(event.error)}`;
    case 'draining':
      return `draining ${event.sessions} sessions`;
    case 'listening':
    case 'closed':
      return undefined;
  }
}

function plainText(hardening: Extract<ServerEvent, { type: 'session-opened' }>['hardening']): string {
  return hardening === 'hardened' ? '' : ` (not hardened: ${hardening})`;
}

function refusedText({ clientId, code, error }: Extract<ServerEvent, { type: 'handshake-refused' }>): string {
  const who = clientId === undefined ? 'somebody' : `somebody who says to be ${clientId}`;
  // Without an error nobody refused anything: the link just ended, whoever it was.
  return error === undefined
    ? `${who} left during the handshake (${closeText(code, error)})`
    : `${who} did not get in (${closeText(code, error)})`;
}

function closeText(code: number, error: Error | undefined): string {
  if (error !== undefined) {
    const text = causeText(error);
    return text.startsWith(`${code} `) ? text : `${code}: ${text}`;
  }
  return code === 1006 ? 'the link was cut' : `closed with ${code}`;
}

/** What happened and why, as far as it is known; what a message repeats of its cause is said once. */
function causeText({ message, cause }: Error): string {
  if (!(cause instanceof Error)) return message;
  const why = causeText(cause);
  return message.includes(why) ? message : `${message}: ${why}`;
}
