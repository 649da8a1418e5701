import { memoryTransport } from '@sealwire/transport';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { type ServeOptions, type ServerEvent, serve } from '../src/index.js';
import { keyPair } from './keys.js';

async function complete(): Promise<ServeOptions> {
  const { privateKey } = await keyPair('server');
  return { listen: memoryTransport().listen, serverKey: privateKey, clients: new Map() };
}

const refused = (option: string) => ({ code: 'E_OPTION', message: expect.stringContaining(option) });

describe('options', () => {
  it.each<[string, object]>([
    ['serverKey', { serverKey: [] }],
    ['serverKey', { serverKey: 'PEM' }],
    ['listen', { listen: [] }],
    ['listen', { listen: 'ws://localhost' }],
    ['clients', { clients: undefined }],
    ['clients', { clients: null }],
    ['clients', { clients: { alice: {} } }],
    ['store', { store: {} }],
    ['onMessage', { onMessage: 'fn' }],
    ['onRequest', { onRequest: 5 }],
    ['onEvent', { onEvent: {} }],
    ['layout', { layout: 'both' }],
    ['limits.maxSessions', { limits: { maxSessions: 0 } }],
    ['limits.maxSessions', { limits: { maxSessions: 1.5 } }],
    ['limits.maxSesions', { limits: { maxSesions: 1 } }],
    ['limits.toString', { limits: { toString: 1 } }],
    ['limits.batchBytes', { limits: { batchBytes: 2_097_153 } }],
    ['limits.batchMessages', { limits: { batchMessages: 16_385 } }],
    ['limits.maxPayloadBytes', { limits: { maxPayloadBytes: 4_194_305 } }],
    ['limits', { limits: 5 }],
    ['failedHandshakes.burst', { failedHandshakes: { burst: 0 } }],
    ['failedHandshakes', { failedHandshakes: true }],
    ['failedHandshakes.perSecnd', { failedHandshakes: { perSecnd: 1 } }],
    ['rateLimit.framesPerSecond', { rateLimit: {} }],
    ['rateLimit.burst', { rateLimit: { framesPerSecond: 1, burst: 0.5 } }],
    ['rateLimit.onExceeded', { rateLimit: { framesPerSecond: 1, onExceeded: 'cut' } }],
    ['rateLimit.perSecond', { rateLimit: { perSecond: 1 } }],
    ['rateLimit', { rateLimit: 5 }],
    ['schemas', { schemas: null }],
    ['schemas.mesage', { schemas: { mesage: {} } }],
    ['deadlines.hallo', { deadlines: { hallo: 1 } }],
    ['is it onMessage?', { onMesage() {} }],
    ['is it limits.maxSessions?', { limits: { maxSesions: 1 } }],
    ['limits.maxClientIdLength', { limits: { maxClientIdLength: 165 } }],
    ['deadlines.hello', { deadlines: { hello: -1 } }],
    ['deadlines.ping', { deadlines: { ping: Number.NaN } }],
    ['handlerTimeout', { handlerTimeout: 0 }],
    ['stallTimeout', { stallTimeout: Number.NaN }],
    ['stallTimeout', { stallTimeout: Symbol('soon') }],
    ['handlerTimeout', { handlerTimeout: 5n }],
    ['schemas.message', { schemas: { message: {} } }],
    ['schemas.request', { schemas: { request: {} } }],
  ])('refuses %s by its name', async (option, wrong) => {
    const options = { ...(await complete()), ...wrong } as ServeOptions;
    await expect(serve(options)).rejects.toMatchObject(refused(option));
  });

  it('refuses to be missing altogether', async () => {
    const bare = serve as (options?: unknown) => Promise<unknown>;
    await expect(bare()).rejects.toMatchObject({ code: 'E_OPTION' });
    await expect(bare(null)).rejects.toMatchObject({ code: 'E_OPTION' });
  });

  it('refuses arguments of calls that are of the wrong kind', async () => {
    const server = await serve(await complete());
    await expect(server.publish(new Set(['alice']) as never, 1)).rejects.toMatchObject({ code: 'E_OPTION' });
    await expect(server.publish(undefined as never, 1)).rejects.toMatchObject({ code: 'E_OPTION' });
    await expect(server.publish('alice', undefined)).rejects.toMatchObject({
      code: 'E_PAYLOAD',
      message: expect.stringContaining('it is undefined'),
    });
    expect(() => server.refuse('alice', 1 as never, 'bad')).toThrow(
      expect.objectContaining(refused('SEQUENCE')),
    );
    await server.close();
  });

  it('closes what listens already when a later place cannot', async () => {
    const transport = memoryTransport();
    const broken = () => Promise.reject(new Error('port in use'));
    await expect(serve({ ...(await complete()), listen: [transport.listen, broken] })).rejects.toThrow(
      'port in use',
    );
    const server = await serve({ ...(await complete()), listen: transport.listen });
    await server.close();
  });

  it('tells where it listens', async () => {
    const events: ServerEvent[] = [];
    const server = await serve({ ...(await complete()), onEvent: (event) => events.push(event) });
    expect(server.urls).toEqual(['memory:']);
    expect(events).toEqual([{ type: 'listening', urls: ['memory:'] }]);
    await server.close();
  });

  it('gives handlers the types that schemas promise', () => {
    interface Order {
      amount: bigint;
    }
    const options = (given: ServeOptions<Order, string, { placed: bigint }, { answer: number }>) => given;
    const check = options({
      listen: memoryTransport().listen,
      serverKey: [],
      clients: new Map(),
      onMessage({ payload }, tx) {
        expectTypeOf(payload).toEqualTypeOf<Order>();
        expectTypeOf(tx.publish).parameter(0).toEqualTypeOf<{ placed: bigint }>();
      },
      onRequest({ payload }) {
        expectTypeOf(payload).toEqualTypeOf<string>();
        return { answer: payload.length };
      },
    });
    type Answering = Parameters<typeof options>[0]['onRequest'];
    expectTypeOf<() => Promise<{ answer: number }>>().toExtend<Answering>();
    expectTypeOf<() => { answer: string }>().not.toExtend<Answering>();
    expect(check.clients).toBeInstanceOf(Map);
  });
});
