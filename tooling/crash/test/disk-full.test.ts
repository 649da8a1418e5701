import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Program } from '@sealwire/test-support';
import { afterEach, describe, expect, it } from 'vitest';
import type { Stage } from '../src/run/stage.js';
import { broken, confirmed, patient, said, scenes } from './scene.js';

const open = scenes();
const mounted: string[] = [];

/** A small file system of its own; undefined where this process may not mount one. */
function smallDisk(size: string): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'sealwire-small-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]);
  if (status === 0) mounted.push(folder);
  else rmSync(folder, { recursive: true });
  return status === 0 ? folder : undefined;
}

// After the programs of the scene are gone: hooks run in reverse order of their registration.
afterEach(() => {
  for (const folder of mounted.splice(0)) {
    spawnSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true });
  }
});

/** Takes all the room that there is, also while somebody else writes. */
function fill(folder: string): string {
  const ballast = join(folder, 'ballast');
  const file = openSync(ballast, 'w');
  for (const size of [65_536, 1]) {
    try {
      for (;;) writeSync(file, new Uint8Array(size));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
  closeSync(file);
  return ballast;
}

/** How often it has got in. */
const timesLive = (stage: Stage, id: string): number =>
  stage.clientRecords(id).filter(({ kind }) => kind === 'live').length;

/** One that was there stays, by its heartbeats; one that has just come in reads all that there is. */
async function readsWhileFull(
  stage: Stage,
  server: Program,
  sender: Program,
  there: string,
  fresh: string,
): Promise<void> {
  const lives = timesLive(stage, there);
  const since = performance.now();
  const head = BigInt((await stage.heads(server))[fresh]?.head ?? 0);
  expect(head).toBeGreaterThan(10n);
  const done = () =>
    stage.clientRecords(fresh).some((record) => record.kind === 'done' && BigInt(record.order) >= head);
  await expect.poll(done, { timeout: 60_000, interval: 100 }).toBe(true);
  // Longer than a client waits for a byte.
  while (performance.now() - since < 6_000) await said(sender, /^waiting 1013$/);
  expect(timesLive(stage, there)).toBe(lives);
}

const canMount = (() => {
  const disk = smallDisk('1m');
  return disk !== undefined;
})();

describe('a server whose store is full', () => {
  it(
    'confirms nothing, tells its clients to come back and lets them in again, by its own bound [D4]',
    patient,
    async () => {
      const stage = await open(['alice', 'bob']);
      const server = await stage.startServer({ store: { maxSize: 1_048_576, maxTotalBytes: 262_144 } });
      const clients = stage.clientIds.map((id) => [id, stage.startClient(id, { sendEvery: 5 })] as const);
      for (const [, client] of clients) await said(client, /^waiting 1013$/);
      // Full is no reason to turn anybody away: a session opens again.
      for (const [, client] of clients) await said(client, /^live /);
      const then = await stage.heads(server);
      expect(server.complaints()).toBe('');
      server.kill('SIGKILL');
      await server.exited;
      const larger = await stage.startServer({ store: { maxSize: 64 * 1_048_576 } });
      const later = await stage.heads(larger);
      for (const [id] of clients) {
        expect(Number(later[id]?.lastSequence)).toBeGreaterThanOrEqual(Number(then[id]?.lastSequence));
      }
      await stage.finish(larger, clients);
      expect(await broken(stage)).toEqual([]);
    },
  );

  it(
    'goes on with reads and heartbeats, lets new clients in, and serves again once room is made [D4]',
    patient,
    async () => {
      const stage = await open(['alice', 'bob', 'carol', 'dave']);
      // The logs alone may be as large as half of it: what is left beside the ballast fills before they are cut.
      const server = await stage.startServer({ store: { maxSize: 2_097_152 } });
      server.write('ballast 1300000');
      await said(server, /^laden$/);
      const senders = ['alice', 'bob'].map((id) => [id, stage.startClient(id, { sendEvery: 5 })] as const);
      const carol = stage.startClient('carol', { sendEvery: 0 });
      await said(carol, /^connected$/);
      const [alice] = senders.map(([, client]) => client) as [Program];
      await said(alice, /^waiting 1013$/);
      const dave = stage.startClient('dave', { sendEvery: 0 });
      // What fails of others does not turn it away.
      expect((await said(dave, /^(connected|waiting 1013)$/))[1]).toBe('connected');
      await readsWhileFull(stage, server, alice, 'carol', 'dave');
      const before = stage.clientRecords('alice').filter(({ kind }) => kind === 'outcome').length;
      server.write('unload');
      await said(server, /^unladen$/);
      await confirmed(stage, 'alice', before + 50);
      await stage.finish(server, [...senders, ['carol', carol], ['dave', dave]]);
      expect(await broken(stage)).toEqual([]);
    },
  );

  // A plain environment mounts nothing; then the bound of the store above is all that is tried.
  it.runIf(canMount)('returns by itself when the disk has room again [D4]', patient, async () => {
    const disk = smallDisk('24m') ?? '';
    const stage = await open(['alice', 'bob'], {}, join(disk, 'data'));
    const server = await stage.startServer();
    const clients = stage.clientIds.map((id) => [id, stage.startClient(id, { sendEvery: 5 })] as const);
    for (const id of stage.clientIds) await confirmed(stage, id, 10);
    const ballast = fill(disk);
    for (const [, client] of clients) await said(client, /^waiting 1013$/);
    for (const [, client] of clients) await said(client, /^live /);
    rmSync(ballast);
    const before = stage.clientRecords('alice').filter(({ kind }) => kind === 'outcome').length;
    await confirmed(stage, 'alice', before + 50);
    await stage.finish(server, clients);
    expect(await broken(stage)).toEqual([]);
  });
});

describe('a client whose disk is full', () => {
  it.runIf(canMount)(
    'stops and says so; the next one sends what had been handed over, once [D4, P9]',
    patient,
    async () => {
      const disk = smallDisk('1m') ?? '';
      const stage = await open(['alice', 'bob']);
      const server = await stage.startServer();
      const state = join(disk, 'state');
      mkdirSync(state);
      const alice = stage.startClient('alice', { state, sendEvery: 5 });
      const bob = stage.startClient('bob');
      await confirmed(stage, 'alice', 10);
      const ballast = fill(disk);
      expect((await said(alice, /^stopped (\w+)$/))[1]).toBe('E_STORE');
      alice.kill('SIGKILL');
      await alice.exited;
      rmSync(ballast);
      const again = stage.startClient('alice', { state, sendEvery: 5 });
      await stage.finish(server, [
        ['alice', again],
        ['bob', bob],
      ]);
      const found = await broken(stage);
      expect(found).toHaveLength(1);
      expect(found[0]).toMatch(/^stopped: alice: the client stopped: E_STORE/);
    },
  );
});
