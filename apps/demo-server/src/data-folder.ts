import { posix, win32 } from 'node:path';

const name = 'sealwire-demo';

/** Where programs of this platform keep a user's data, for a folder of our own. */
export function defaultDataFolder(
  platform: NodeJS.Platform,
  environment: NodeJS.ProcessEnv,
  home: string,
): string {
  const { LOCALAPPDATA: local, XDG_DATA_HOME: base } = environment;
  if (platform === 'win32') return win32.join(local ?? win32.join(home, 'AppData', 'Local'), name);
  if (platform === 'darwin') return posix.join(home, 'Library', 'Application Support', name);
  // The XDG base directory specification says that a relative path is to be ignored.
  return posix.join(base?.startsWith('/') ? base : posix.join(home, '.local', 'share'), name);
}
