import type { HardeningMode } from '@sealwire/session';

export interface Mode {
  readonly name: string;
  readonly client: { readonly hardening: HardeningMode; readonly trustUnhardenedServer?: boolean };
  readonly server: HardeningMode;
  /** A good session came before. */
  readonly pinned?: boolean;
}

/** Sessions of the document on a plain link, and an application that believes them. */
export const off: Mode = {
  name: 'off',
  client: { hardening: 'off', trustUnhardenedServer: true },
  server: 'off',
};
/** A client that may be hardened and never was. */
export const unpinned: Mode = {
  name: 'prefer at the first contact',
  client: { hardening: 'prefer' },
  server: 'prefer',
};
/** The same, where the application vouches for a server of which it says that it cannot be hardened. */
export const trusting: Mode = {
  ...unpinned,
  name: 'trustUnhardenedServer at the first contact',
  client: { hardening: 'prefer', trustUnhardenedServer: true },
};
const required: Mode = { name: 'require', client: { hardening: 'require' }, server: 'require' };
const pinned: Mode = { ...unpinned, name: 'prefer after one good session', pinned: true };
/** What the application says of its server is out of date. */
const outgrown: Mode = { ...trusting, name: 'trustUnhardenedServer after one good session', pinned: true };

/** Where every attack has to fail. */
export const hardened: readonly Mode[] = [required, pinned, outgrown];
export const everyMode: readonly Mode[] = [off, ...hardened];
