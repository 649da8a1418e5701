import type { PublicKey } from '@sealwire/crypto';
import { ClientError } from './errors.js';

/** Client keys whose servers are remembered; the oldest are forgotten. */
const maxClientKeys = 10_000;

/** Fingerprints of the keys of its one server, for each client key that this process has connected with. */
const servers = new Map<string, ReadonlySet<string>>();

/**
 * The signature of a message names no server: what is signed for one could be shown to another that has the same
 * client under the same key. So one client key is for one server, whose keys may change as long as one stays.
 *
 * @throws ClientError `E_OPTION`
 */
export function assertOneServer(clientKey: PublicKey, serverKeys: readonly PublicKey[]): void {
  const given = serverKeys.map(({ fingerprint }) => fingerprint);
  const known = servers.get(clientKey.fingerprint);
  if (known !== undefined && !given.some((fingerprint) => known.has(fingerprint))) {
    throw new ClientError(
      'E_OPTION',
      'the option clientKey was used for another server in this process: give each server its own, or set allowKeySharing',
    );
  }
  servers.delete(clientKey.fingerprint);
  servers.set(clientKey.fingerprint, new Set([...(known ?? []), ...given]));
  for (const oldest of servers.keys()) {
    if (servers.size <= maxClientKeys) return;
    servers.delete(oldest);
  }
}
