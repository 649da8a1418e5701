import { assert, codeOfFailure, equal, equalBytes } from './assert.js';
import { pattern } from './pattern.js';
import { Recorder } from './recorder.js';
import type { OnPair } from './suite.js';

export function frameFacts(onPair: OnPair): void {
  onPair('delivers every frame once and in order, both ways at a time', async ({ client, server }) => {
    const [atClient, atServer] = [new Recorder(client), new Recorder(server)];
    for (let batch = 0; batch < 20; batch++) {
      const frames = Array.from({ length: batch }, (_, i) => pattern(1 + i * 13, batch + i));
      client.send(frames);
      server.send(frames);
    }
    const [down, up] = [await atClient.count(190), await atServer.count(190)];
    let index = 0;
    for (let batch = 0; batch < 20; batch++) {
      for (let i = 0; i < batch; i++, index++) {
        equalBytes(up[index], pattern(1 + i * 13, batch + i), `frame ${index} to the server`);
        equalBytes(down[index], pattern(1 + i * 13, batch + i), `frame ${index} to the client`);
      }
    }
  });

  onPair('sends nothing for an empty batch', async ({ client, server }) => {
    const atServer = new Recorder(server);
    client.send([]);
    equal(client.bufferedBytes, 0, 'bufferedBytes');
    client.send([Uint8Array.of(7)]);
    equalBytes((await atServer.count(1))[0], Uint8Array.of(7), 'the only frame');
  });

  onPair('carries frames of 0 bytes to maxFrameBytes', async ({ client, server }) => {
    const [atClient, atServer] = [new Recorder(client), new Recorder(server)];
    const sizes = (max: number) =>
      [0, 1, 125, 126, 65_535, 65_536, max - 1, max].filter((size) => size <= max);
    const up = sizes(server.maxFrameBytes);
    const down = sizes(client.maxFrameBytes);
    client.send(up.map((size) => pattern(size, size)));
    server.send(down.map((size) => pattern(size, size)));
    const received = { up: await atServer.count(up.length), down: await atClient.count(down.length) };
    for (const [i, size] of up.entries()) equalBytes(received.up[i], pattern(size, size), `${size} bytes up`);
    for (const [i, size] of down.entries())
      equalBytes(received.down[i], pattern(size, size), `${size} bytes down`);
  });

  onPair('ends the link with 1009 at a frame above maxFrameBytes', async ({ client, server }) => {
    const [atClient, atServer] = [new Recorder(client), new Recorder(server)];
    client.send([Uint8Array.of(1), new Uint8Array(server.maxFrameBytes + 1), Uint8Array.of(2)]);
    equal((await atServer.closed()).code, 1009, 'the code at the receiver');
    equal((await atClient.closed()).code, 1009, 'the code at the sender');
    equal((await atServer.count(1)).length, 1, 'frames that came before');
  });

  onPair('leaves the sent bytes alone and gives the receiver its own', async ({ client, server }) => {
    const [atClient, atServer] = [new Recorder(client), new Recorder(server)];
    const shared = pattern(3_000, 5);
    const frames = [shared.subarray(0, 1_000), shared.subarray(1_000, 1_001), shared.subarray(1_001)];
    client.send(frames);
    server.send(frames);
    for (const recorder of [atClient, atServer])
      for (const frame of await recorder.count(3)) frame.fill(0xee);
    equalBytes(shared, pattern(3_000, 5), 'the sent buffer');
    client.send(frames);
    server.send(frames);
    for (const recorder of [atClient, atServer]) {
      const received = await recorder.count(6);
      frames.forEach((frame, i) => {
        equalBytes(
          received[i],
          new Uint8Array(frame.length).fill(0xee),
          `what the receiver wrote into frame ${i}`,
        );
        equalBytes(received[i + 3], frame, `the second frame ${i}`);
      });
    }
  });

  onPair('keeps what arrives before start for start', async ({ client, server }) => {
    client.send([Uint8Array.of(1), Uint8Array.of(2)]);
    server.send([Uint8Array.of(3)]);
    const atClient = new Recorder(client);
    equalBytes((await atClient.count(1))[0], Uint8Array.of(3), 'the frame to the client');
    client.send([Uint8Array.of(4)]);
    const atServer = new Recorder(server);
    equal((await atServer.count(3)).join(), '1,2,4', 'the frames to the server');
  });

  onPair('starts only once', async ({ client }) => {
    const recorder = new Recorder(client);
    equal(await codeOfFailure(() => client.start(recorder)), 'E_STARTED', 'the second start');
  });

  onPair('knows where it leads', async ({ client, server }) => {
    for (const link of [client, server]) {
      assert(
        Number.isSafeInteger(link.maxFrameBytes) && link.maxFrameBytes > 0,
        'maxFrameBytes is a positive integer',
      );
      equal(typeof link.secure, 'boolean', 'type of secure');
      equal(typeof link.local, 'boolean', 'type of local');
      assert(
        link.remoteAddress === undefined || link.remoteAddress !== '',
        'remoteAddress is unknown or not empty',
      );
    }
  });
}
