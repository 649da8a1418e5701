import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { broken, confirmed, deadlines, patient, said, scenes } from './scene.js';

const open = scenes();

describe('a client with its state in memory', () => {
  it(
    'loses with its process what it had not handed over, and is told what the server has [P10]',
    patient,
    async () => {
      const stage = await open(['alice']);
      const server = await stage.startServer({ newsEvery: 0 });
      const first = stage.startClient('alice', { memory: true });
      await confirmed(stage, 'alice', 20);
      stage.proxy.admission = 'refuse';
      stage.proxy.cut();
      await said(first, /^waiting /);
      await sleep(300);
      first.kill('SIGKILL');
      await first.exited;
      stage.proxy.admission = 'forward';
      const { alice } = await stage.heads(server);
      const second = stage.startClient('alice', { memory: true });
      expect((await said(second, /^live (-?\d+)$/))[1]).toBe(alice?.lastSequence);
      await stage.finish(server, [['alice', second]]);
      const records = stage.clientRecords('alice');
      const effects = (await stage.look()).get('alice')?.effects ?? [];
      const handled = new Set(effects.map(({ n }) => n));
      const lost = records.filter((record) => record.kind === 'send' && !handled.has(record.n));
      expect(lost.length).toBeGreaterThan(0);
      // Nothing else: what was confirmed is there once, and history is read again from its begin.
      expect(effects.map(({ sequence }) => Number(sequence)).sort((a, b) => a - b)).toEqual(
        effects.map((_, n) => n),
      );
      for (const record of records) if (record.kind === 'outcome') expect(handled.has(record.n)).toBe(true);
      const boot = records.findLastIndex(({ kind }) => kind === 'boot');
      expect(records.slice(boot).find(({ kind }) => kind === 'got')).toMatchObject({
        order: '1',
        marked: false,
      });
    },
  );
});

describe('a client that does not read', () => {
  it('holds nobody up while servers die, and gets everything afterwards [M5, N3, P5]', patient, async () => {
    const stage = await open(['alice', 'bob']);
    const slow = { deadlines, stallTimeout: 1_000, newsEvery: 10 };
    let server = await stage.startServer(slow);
    const alice = stage.startClient('alice', { deadlines });
    const bob = stage.startClient('bob', { deadlines });
    await confirmed(stage, 'bob', 5);
    bob.kill('SIGSTOP');
    for (let kill = 1; kill <= 3; kill += 1) {
      await confirmed(stage, 'alice', kill * 30);
      server.kill('SIGKILL');
      await server.exited;
      server = await stage.startServer(slow);
    }
    await confirmed(stage, 'alice', 120);
    bob.kill('SIGCONT');
    await stage.finish(server, [
      ['alice', alice],
      ['bob', bob],
    ]);
    expect(await broken(stage)).toEqual([]);
  });
});

describe('two clients with one id', () => {
  it(
    'do not fight: the newer one stays, the older one stops, also over a kill of the server [M4]',
    patient,
    async () => {
      const stage = await open(['alice']);
      let server = await stage.startServer({ newsEvery: 0 });
      const older = stage.startClient('alice', { name: 'older' });
      await confirmed(stage, 'older', 10);
      const newer = stage.startClient('alice', { name: 'newer', memory: true });
      expect((await said(older, /^stopped (\w+)$/))[1]).toBe('E_TAKEN_OVER');
      await confirmed(stage, 'newer', 10);
      server.kill('SIGKILL');
      await server.exited;
      server = await stage.startServer({ newsEvery: 0 });
      await confirmed(stage, 'newer', 20);
      await stage.finish(server, [['alice', newer]]);
      const lives = (name: string) => stage.clientRecords(name).filter(({ kind }) => kind === 'live').length;
      expect([lives('older'), lives('newer')]).toEqual([1, 2]);
      const effects = (await stage.look()).get('alice')?.effects ?? [];
      const bySequence = new Map(effects.map(({ sequence, n }) => [sequence, n]));
      expect([...bySequence.keys()].map(Number).sort((a, b) => a - b)).toEqual(effects.map((_, n) => n));
      for (const name of ['older', 'newer']) {
        for (const record of stage.clientRecords(name)) {
          if (record.kind === 'outcome') expect(bySequence.get(record.sequence)).toBe(record.n);
        }
      }
    },
  );
});
