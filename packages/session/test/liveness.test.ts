import { describe, expect, it } from 'vitest';
import { defaultDeadlines } from '../src/index.js';
import { utf8 } from './support/bytes.js';
import { connected, liveServer, pump, readyClient, signedFrame } from './support/peers.js';

describe('heartbeats', () => {
  it('leave every 2 s', async () => {
    const { server } = await liveServer();
    for (let beat = 0; beat < 5; beat += 1) {
      expect(server.session.nextTick).toBe(server.clock.now() + 2_000);
      server.pass(1_999);
      expect(server.take()).toEqual([]);
      server.pass(1);
      expect(server.take()).toEqual([Uint8Array.of(0)]);
    }
  });

  it('leave under traffic of both directions too', async () => {
    const { server, sealer } = await liveServer();
    let beats = 0;
    for (let sequence = 0n; sequence < 40n; sequence += 1n) {
      await server.receive(sealer.seal(await signedFrame(1, sequence, '{}')));
      server.session.sendMessage(sequence + 1n, 1, utf8('{}'));
      server.session.flush();
      server.pass(250);
      beats += server.take().filter((frame) => frame.length === 1).length;
    }
    expect(beats).toBe(5);
  });

  it('are not made up for after a late tick [C2]', async () => {
    const { server } = await liveServer();
    server.pass(60_000);
    expect(server.take()).toHaveLength(1);
    server.session.tick();
    expect(server.take()).toEqual([]);
    expect(server.session.nextTick).toBe(server.clock.now() + 2_000);
  });

  it('end with the session', async () => {
    const { server } = await liveServer();
    server.session.destroy();
    server.pass(60_000);
    expect(server.take()).toEqual([]);
  });
});

describe('pings', () => {
  it('follow 4 s of silence, and the session ends 4.8 s later', async () => {
    const { server } = await liveServer({ pings: true });
    for (let time = 0; time < 8_799; time += 1) server.pass(1);
    expect(server.named('ping')).toHaveLength(1);
    expect(server.ended).toBeUndefined();
    server.pass(1);
    expect(server.ended).toEqual([1001, '']);
    expect(server.error).toMatchObject({ code: 'E_SILENT' });
  });

  it('are answered by a pong or by any other byte', async () => {
    const { server, sealer } = await liveServer({ pings: true });
    for (let sequence = 0n; sequence < 3n; sequence += 1n) {
      for (let time = 0; time < 8_700; time += 100) server.pass(100);
      if (sequence === 1n) expect(server.session.receivePong()).toBe(true);
      else await server.receive(sealer.seal(await signedFrame(1, sequence === 0n ? 0n : 1n, '{}')));
    }
    expect(server.ended).toBeUndefined();
    expect(server.named('ping')).toHaveLength(3);
  });

  it('go between what is sent, one in 96 KiB and at most 48 without an answer [N2, N11]', async () => {
    const { server } = await liveServer({ pings: true });
    const send = (bytes: number) => {
      server.session.sendMessage(1n, 1, utf8(JSON.stringify('.'.repeat(bytes))));
      server.session.flush();
    };
    send(60_000);
    expect(server.named('ping')).toHaveLength(0);
    send(60_000);
    expect(server.named('ping')).toHaveLength(1);
    for (let n = 0; n < 200; n += 1) send(60_000);
    expect(server.named('ping')).toHaveLength(48);
    expect(server.session.hasRoom).toBe(false);
    expect(server.session.receivePong()).toBe(true);
    expect(server.session.hasRoom).toBe(true);
    send(60_000);
    expect(server.named('ping')).toHaveLength(49);
    for (let n = 0; n < 48; n += 1) expect(server.session.receivePong()).toBe(true);
    expect(server.session.receivePong()).toBe(false);
  });

  it('are 48 without an answer also where the client is heard now and then', async () => {
    const { server } = await liveServer({ pings: true });
    for (let n = 0; n < 60; n += 1) {
      server.pass(4_000);
      server.session.heard();
    }
    expect(server.named('ping')).toHaveLength(48);
    server.session.receivePong();
    server.pass(4_000);
    expect(server.named('ping')).toHaveLength(49);
    for (let time = 0; time < 4_800; time += 100) server.pass(100);
    expect(server.error).toMatchObject({ code: 'E_SILENT' });
  });

  it('are answered by bytes that are no whole frame, but not by those before the ping [N9]', async () => {
    const { server } = await liveServer({ pings: true });
    const start = server.clock.now();
    for (let time = 0; time < 5_000; time += 100) server.pass(100);
    server.session.heard(start + 3_999);
    server.pass(3_799);
    expect(server.ended).toBeUndefined();
    server.session.heard(start + 5_000);
    expect(server.session.nextTick).toBe(start + 9_000);
    for (let time = server.clock.now(); time < start + 13_799; time += 1) server.pass(1);
    expect(server.named('ping')).toHaveLength(2);
    expect(server.ended).toBeUndefined();
    server.pass(1);
    expect(server.error).toMatchObject({ code: 'E_SILENT' });
  });

  it.each([
    ['to a client of the deployed layout', { layout: 'deployed', pings: true }],
    ['while the layout is not known', { layout: 'auto', pings: true, deadlines: { layout: 1e9 } }],
    ['on a link that has none', { layout: 'documented', pings: false }],
  ] as const)('are not sent %s', async (_, options) => {
    const deadlines = { ...defaultDeadlines, ...('deadlines' in options ? options.deadlines : {}) };
    const { server } = await liveServer({ ...options, deadlines });
    for (let time = 0; time < 60_000; time += 500) server.pass(500);
    expect(server.named('ping')).toEqual([]);
    expect(server.ended).toBeUndefined();
  });

  it('begin once the layout is found to be documented', async () => {
    const { server } = await liveServer({ layout: 'auto', pings: true });
    server.pass(1_000);
    for (let time = 0; time < 4_000; time += 500) server.pass(500);
    expect(server.named('ping')).toHaveLength(1);
  });

  it('do not keep a heartbeat back when both are due', async () => {
    const { server } = await liveServer({ pings: true });
    server.pass(4_000);
    expect(server.session.nextTick).toBeGreaterThan(server.clock.now());
    expect(server.take()).toHaveLength(1);
    expect(server.named('ping')).toHaveLength(1);
  });
});

describe('the silence of a server', () => {
  it('ends the session after 4.8 s [S66]', async () => {
    const { client, server } = await connected();
    for (const bytes of ['heartbeat', 'message'] as const) {
      client.pass(4_799);
      if (bytes === 'heartbeat') client.session.receive([Uint8Array.of(0)]);
      else {
        server.session.sendMessage(1n, 1, utf8('{}'));
        server.session.flush();
        await pump(client, server);
      }
      expect(client.session.nextTick).toBe(client.clock.now() + 4_800);
    }
    client.pass(4_799);
    expect(client.ended).toBeUndefined();
    client.pass(1);
    expect(client.ended).toBe(1001);
    expect(client.error).toMatchObject({ code: 'E_SILENT' });
    expect(client.session.nextTick).toBe(Number.POSITIVE_INFINITY);
  });

  it('is broken by bytes that are no whole frame, and counts on from them [N9]', async () => {
    const { client } = await connected();
    for (let n = 0; n < 10; n += 1) {
      client.clock.advance(4_800);
      client.session.heardBytes(client.clock.now() - 300);
      client.session.tick();
      expect(client.session.nextTick).toBe(client.clock.now() + 4_500);
    }
    client.session.heardBytes(0);
    client.pass(4_499);
    expect(client.ended).toBeUndefined();
    client.pass(1);
    expect(client.ended).toBe(1001);
  });

  it('is the whole time from the proof to the first frame, whatever bytes come [N9]', async () => {
    const { client } = await readyClient();
    for (let time = 0; time < 4_800; time += 100) {
      client.session.heardBytes(client.clock.now());
      client.pass(100);
    }
    expect(client.error).toMatchObject({ code: 'E_SILENT' });
  });

  it('counts from the proof', async () => {
    const { client } = await readyClient();
    client.pass(4_799);
    expect(client.ended).toBeUndefined();
    client.pass(1);
    expect(client.ended).toBe(1001);
  });

  it('does not count while the client does not read', async () => {
    const { client } = await connected();
    client.clock.advance(60_000);
    client.session.resumeReading();
    client.session.tick();
    expect(client.ended).toBeUndefined();
    client.pass(4_800);
    expect(client.ended).toBe(1001);
  });

  it('is not broken by a late tick after the bytes were handed over [C5]', async () => {
    const { client } = await connected();
    client.clock.advance(10_000);
    client.session.receive([Uint8Array.of(0)]);
    client.session.tick();
    expect(client.ended).toBeUndefined();
  });
});
