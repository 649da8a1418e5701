import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkCommits } from '../src/check/publishes.js';
import { readTruth } from '../src/check/truth.js';
import { Findings } from '../src/check/violation.js';
import { broken, confirmed, patient, said, scenes } from './scene.js';

const open = scenes();

describe('the data folder of a server', () => {
  it('is refused to a second process, and the first one goes on [D6]', patient, async () => {
    const stage = await open(['alice', 'bob']);
    const server = await stage.startServer();
    const clients = stage.clientIds.map((id) => [id, stage.startClient(id)] as const);
    await confirmed(stage, 'alice', 5);
    await expect(stage.startServer()).rejects.toThrow(/E_LOCKED/);
    await confirmed(stage, 'alice', 10);
    await stage.finish(server, clients);
    expect(await broken(stage)).toEqual([]);
  });

  it('is copied while the server runs, and the copy is of one moment [D8]', patient, async () => {
    const stage = await open(['alice', 'bob']);
    const server = await stage.startServer();
    const clients = stage.clientIds.map((id) => [id, stage.startClient(id)] as const);
    for (const id of stage.clientIds) await confirmed(stage, id, 20);
    const copy = join(stage.folder, 'copy');
    server.write(`backup ${copy}`);
    await said(server, /^backed up$/);
    for (const id of stage.clientIds) await confirmed(stage, id, 40);
    await stage.finish(server, clients);
    expect(await broken(stage)).toEqual([]);
    const [copied, live] = [await readTruth(copy, stage.clientIds), await stage.look()];
    const findings = new Findings();
    checkCommits(copied, findings);
    expect(findings.violations).toEqual([]);
    for (const id of stage.clientIds) {
      const sequences = copied
        .get(id)
        ?.effects.map(({ sequence }) => Number(sequence))
        .sort((a, b) => a - b);
      expect(sequences?.length).toBeGreaterThanOrEqual(20);
      expect(sequences).toEqual(sequences?.map((_, place) => place));
      const then = copied.get(id)?.log ?? new Map();
      expect([...(live.get(id)?.log ?? [])].slice(0, then.size)).toEqual([...then]);
    }
  });

  it(
    'that is older than its clients is told to each of them, and none goes back silently [P17]',
    patient,
    async () => {
      const stage = await open(['alice', 'bob']);
      const server = await stage.startServer();
      const alice = stage.startClient('alice');
      // Bob sends once and then only listens: he is ahead in ORDER alone.
      const bob = stage.startClient('bob', { sendEvery: 3_600_000 });
      await confirmed(stage, 'alice', 20);
      await confirmed(stage, 'bob', 1);
      const copy = join(stage.folder, 'copy');
      server.write(`backup ${copy}`);
      await said(server, /^backed up$/);
      await confirmed(stage, 'alice', 60);
      server.kill('SIGKILL');
      await server.exited;
      cpSync(copy, stage.data, { recursive: true });
      await stage.startServer({ newsEvery: 0 });
      expect((await said(alice, /^stopped (\w+)$/))[1]).toBe('E_DESYNC');
      expect((await said(bob, /^stopped (\w+)$/))[1]).toBe('E_AHEAD');
      for (const id of stage.clientIds) {
        const orders = stage
          .clientRecords(id)
          .flatMap((record) => (record.kind === 'got' ? [BigInt(record.order)] : []));
        expect(orders).toEqual(orders.map((_, index) => BigInt(index + 1)));
      }
    },
  );
});
