import { crypto } from '@sealwire/crypto';
import frames from '@sealwire/vectors/frames.json' with { type: 'json' };
import refused from '@sealwire/vectors/refused.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import { hex } from './support/bytes.js';
import { keyOf } from './support/keys.js';
import { liveServer, readyClient } from './support/peers.js';

describe('frames of the vectors, received by live sessions', () => {
  it.each(
    frames
      .filter((vector) => vector.from === 'client')
      .map((vector) => [vector.layout, vector.type, vector.number ?? '', vector] as const),
  )('%s client %s %s', async (layout, type, number, vector) => {
    const key = await keyOf(vector.clientKey ?? '');
    const clientAesKey = hex(vector.aesKey);
    for (const named of [layout as 'documented' | 'deployed', 'auto'] as const) {
      const options = { layout: named, lastSequence: BigInt(number) - 1n };
      const { server } = await liveServer(options, key, { clientAesKey });
      await server.receive(hex(vector.frame));
      // SEQUENCE ends at 2^62 - 1; a REQUEST_ID may be anything.
      if (type === 'message' && BigInt(number) >= 1n << 62n) {
        expect(server.ended).toEqual([4001, '']);
      } else {
        const call = type === 'message' ? 'message' : 'request';
        expect(server.named(call)).toEqual([[call, BigInt(number), vector.json]]);
        expect(server.session.layout).toBe(layout);
        expect(server.ended).toBeUndefined();
      }
    }
  });

  it.each(
    frames
      .filter((vector) => vector.from === 'server')
      .map((vector) => [vector.layout, vector.type, vector.number ?? vector.text ?? '', vector] as const),
  )('%s server %s %s', async (_, type, number, vector) => {
    const { client } = await readyClient({}, { serverAesKey: hex(vector.aesKey) });
    await client.receive(hex(vector.frame));
    const expected =
      type === 'message'
        ? ['message', BigInt(number), vector.timestamp, vector.json]
        : type === 'rpc'
          ? ['answer', BigInt(number), vector.json]
          : ['error', vector.text];
    expect(client.calls.slice(4)).toEqual([['live'], expected]);
  });
});

const badJson = ['JSON cut short', 'JSON not UTF-8', 'empty JSON'];

describe('refused vectors, received by live sessions', () => {
  it.each(
    refused.filter((vector) => vector.from === 'client').map((vector) => [vector.fault, vector] as const),
  )('client: %s', async (fault, vector) => {
    const key = await keyOf(vector.clientKey ?? '');
    // They are frames of SEQUENCE 5.
    const { server } = await liveServer({ lastSequence: 4n }, key, { clientAesKey: hex(vector.aesKey) });
    await server.receive(hex(vector.frame));
    if (badJson.includes(fault)) {
      // The signature and the SEQUENCE hold, so the driver gets it, and its parser refuses it.
      expect(server.ended).toEqual([1007, '']);
      expect(server.error).toMatchObject({ code: 'E_JSON' });
      expect(server.named('message')).toHaveLength(1);
    } else {
      expect(server.endedLate).toEqual([1002, 'the frame cannot be accepted']);
      expect(server.named('message')).toEqual([]);
    }
    expect(server.named('end')).toHaveLength(1);
    expect(server.named('request')).toEqual([]);
  });

  it.each(
    refused.filter((vector) => vector.from === 'server').map((vector) => [vector.fault, vector] as const),
  )('server: %s', async (_, vector) => {
    const { client } = await readyClient({}, { serverAesKey: hex(vector.aesKey) });
    await client.receive(hex(vector.frame));
    expect(client.ended).toBe(1002);
    expect(client.error).toMatchObject({ code: 'E_FRAME' });
    expect(client.calls.slice(4)).toEqual([['end', 1002]]);
  });

  it('look alike from outside, whatever was wrong [S81]', async () => {
    const seen = new Set<string>();
    for (const vector of refused.filter(({ from, fault }) => from === 'client' && !badJson.includes(fault))) {
      const { server } = await liveServer({ lastSequence: 4n }, undefined, {
        clientAesKey: hex(vector.aesKey),
      });
      await server.receive(hex(vector.frame));
      seen.add(JSON.stringify([server.endedLate, server.take().length]));
    }
    expect(seen.size).toBe(1);
  });
});

describe('a session against noise', () => {
  it('ends at the first frame and never throws', async () => {
    for (let run = 0; run < 200; run += 1) {
      const frame = crypto.randomBytes(run % 3 === 0 ? run : 32 + 16 * (run % 30));
      const { server } = await liveServer();
      await server.receive(frame, frame);
      expect(server.endedLate).toEqual([1002, 'the frame cannot be accepted']);
    }
  });
});
