import { describe, expect, it } from 'vitest';
import { type Link, memoryTransport, TransportError } from '../src/index.js';

const patient = { signal: new AbortController().signal };

describe('memory transport', () => {
  it('refuses a dial while nobody listens', async () => {
    await expect(memoryTransport().dial(patient)).rejects.toMatchObject({ code: 'E_DIAL_REFUSED' });
  });

  it('has one listener at a time', async () => {
    const transport = memoryTransport();
    const listener = await transport.listen(() => {});
    await expect(transport.listen(() => {})).rejects.toMatchObject({ code: 'E_PORT_IN_USE' });
    await listener.close();
    await transport.listen(() => {});
  });

  it('refuses and delays a dial as onDial says', async () => {
    const transport = memoryTransport();
    await transport.listen(() => {});
    transport.onDial = () => {
      throw new TransportError('E_HTTP_STATUS', 'busy', { status: 503, retryAfter: 2_000 });
    };
    await expect(transport.dial(patient)).rejects.toMatchObject({ status: 503, retryAfter: 2_000 });
    const controller = new AbortController();
    transport.onDial = () => new Promise(() => {});
    const hanging = transport.dial(controller);
    controller.abort(new Error('enough'));
    await expect(hanging).rejects.toMatchObject({ code: 'E_DIAL_ABORTED', cause: new Error('enough') });
    expect(transport.pairs.size).toBe(0);
  });

  it('shows each pair until both ends have ended', async () => {
    const transport = memoryTransport({ remoteAddress: '192.0.2.7', secure: true });
    const accepted: Link[] = [];
    const seen: unknown[] = [];
    transport.onPair = (pair) => seen.push(pair);
    await transport.listen((link) => accepted.push(link));
    const client = await transport.dial(patient);
    const [pair] = transport.pairs;
    expect(seen).toEqual([pair]);
    expect(pair?.client).toBe(client);
    expect(pair?.server).toBe(accepted[0]);
    expect([client.remoteAddress, client.secure, client.local]).toEqual(['192.0.2.7', true, true]);
    pair?.faults.cut();
    expect(transport.pairs.size).toBe(0);
  });
});
