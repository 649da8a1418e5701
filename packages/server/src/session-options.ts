import { ReplayMemory, type ServerSessionOptions } from '@sealwire/session';
import type { Settings } from './options.js';

/** The options of all sessions of a server, of those whose links can ping and of the others: made once, not for each. */
export function sessionOptions(settings: Settings): (pings: boolean) => ServerSessionOptions {
  const { limits } = settings;
  const common = {
    modulusBytes: settings.serverKeys.map((key) => key.publicKey.modulusBytes),
    layout: settings.layout,
    maxClientIdLength: limits.maxClientIdLength,
    maxPipelinedBytes: limits.maxPipelinedBytes,
    hardening: settings.hardening,
    context: settings.context,
    checkpoint: true,
    // AES keys of clients that proved themselves to this server, on whatever link.
    replays: new ReplayMemory(settings.crypto, limits.maxRememberedKeys),
    requireHighRequestIds: settings.requireHighRequestIds,
    deadlines: settings.deadlines,
  };
  const pinging = { ...common, pings: true };
  const silent = { ...common, pings: false };
  return (pings) => (pings ? pinging : silent);
}
