import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { StoreError } from '@sealwire/store';
import type { Lock } from './disk.js';
import { systemCode } from './disk-errors.js';

const PREFIX = 'lock-';
const UNFINISHED = '.new';
/** The least that a Unix socket's path may have anywhere (macOS; Linux has 108). Longer ones are cut silently. */
const MAX_SOCKET_PATH = 103;

/**
 * Each process listens on a socket of its own in the folder and then looks for those of others. The kernel says
 * whether somebody still listens, so a killed process holds nothing, and no process id can be mistaken.
 *
 * A socket gets its final name only when it listens, and no name is used twice: one that refuses is dead for good
 * and can be removed by anybody. Of two processes the one that looks last sees the other.
 */
export async function lockFolder(folder: string): Promise<Lock> {
  if (process.platform === 'win32') {
    throw new StoreError('E_IO', 'not on Windows: it cannot flush a folder, so nothing could be promised');
  }
  const own = `${PREFIX}${randomBytes(8).toString('hex')}`;
  return withShortPath(folder, own + UNFINISHED, async (short) => {
    const server = await listen(join(short, own + UNFINISHED));
    const release = async () => {
      await rm(join(folder, own), { force: true });
      await new Promise((done) => server.close(done));
    };
    try {
      await rename(join(folder, own + UNFINISHED), join(folder, own));
      await refuseOthers(folder, short, own);
      return { release };
    } catch (error) {
      await release();
      // Somebody who locked at the same moment took the unfinished name for one left behind.
      throw systemCode(error) === 'ENOENT' ? inUse(folder) : error;
    }
  });
}

async function refuseOthers(folder: string, short: string, own: string): Promise<void> {
  const others = (await readdir(folder)).filter((name) => name.startsWith(PREFIX) && name !== own);
  for (const name of others) {
    if (await isListening(join(short, name))) {
      throw new StoreError(
        'E_LOCKED',
        `${folder} is in use: end the other process, or close its state first`,
      );
    }
    await rm(join(folder, name), { force: true });
  }
}

function inUse(folder: string): StoreError {
  return new StoreError('E_LOCKED', `${folder} is in use: end the other process, or close its state first`);
}

function listen(path: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // Exclusive, because the workers of a cluster would share one socket.
    server.listen({ path, exclusive: true }, () => {
      server.off('error', reject);
      server.on('error', () => {});
      server.unref();
      resolve(server);
    });
  });
}

/** Only a refusal tells that nobody listens: whatever else goes wrong, somebody may. */
function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error) => resolve(!['ECONNREFUSED', 'ENOENT'].includes(systemCode(error) ?? '')));
  });
}

/** Gives a name of the folder that leaves room for the socket's. */
async function withShortPath<T>(
  folder: string,
  name: string,
  action: (short: string) => Promise<T>,
): Promise<T> {
  if (Buffer.byteLength(join(folder, name)) <= MAX_SOCKET_PATH) return action(folder);
  if (process.platform !== 'linux') {
    const most = MAX_SOCKET_PATH - name.length - 1;
    throw new StoreError('E_ARGUMENT', `the path of the folder must not be longer than ${most} bytes here`);
  }
  const handle = await open(folder, 'r');
  try {
    return await action(`/proc/self/fd/${handle.fd}`);
  } finally {
    await handle.close();
  }
}
