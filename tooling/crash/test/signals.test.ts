import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { broken, confirmed, deadlines, patient, said, scenes } from './scene.js';

const open = scenes();

describe('a server under load', () => {
  it('drains at SIGTERM: 1012 to all, exit 0, nothing confirmed is lost [P11]', patient, async () => {
    const stage = await open(['alice', 'bob']);
    const server = await stage.startServer();
    const clients = stage.clientIds.map((id) => [id, stage.startClient(id)] as const);
    for (const id of stage.clientIds) await confirmed(stage, id, 20);
    server.kill('SIGTERM');
    expect(await server.exited).toEqual({ code: 0, signal: null });
    for (const [, client] of clients) expect((await said(client, /^waiting (\d+)$/))[1]).toBe('1012');
    await stage.finish(await stage.startServer(), clients);
    expect(await broken(stage)).toEqual([]);
  });

  it(
    'may be stopped for longer than its clients wait, and goes on without a false word [P13]',
    patient,
    async () => {
      const stage = await open(['alice', 'bob']);
      const server = await stage.startServer({ deadlines });
      const clients = stage.clientIds.map((id) => [id, stage.startClient(id, { deadlines })] as const);
      for (const id of stage.clientIds) await confirmed(stage, id, 20);
      server.kill('SIGSTOP');
      for (const [, client] of clients) await said(client, /^waiting /);
      // They dial again and again, and nobody answers.
      await sleep(3_000);
      server.kill('SIGCONT');
      for (const [, client] of clients) await said(client, /^live /);
      await stage.finish(server, clients);
      expect(await broken(stage)).toEqual([]);
    },
  );

  it('that dies of its memory limit leaves what a kill leaves [P19]', patient, async () => {
    const stage = await open(['alice', 'bob']);
    const server = await stage.startServer({}, { nodeArgs: ['--max-old-space-size=64'] });
    const clients = stage.clientIds.map((id) => [id, stage.startClient(id)] as const);
    for (const id of stage.clientIds) await confirmed(stage, id, 20);
    server.write('hoard');
    expect(await server.exited).toEqual({ code: null, signal: 'SIGABRT' });
    expect(server.complaints()).toContain('out of memory');
    await stage.finish(await stage.startServer(), clients);
    expect(await broken(stage)).toEqual([]);
  });
});
