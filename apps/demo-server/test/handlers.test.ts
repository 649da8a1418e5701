import type { Transaction } from '@sealwire/server';
import { describe, expect, it } from 'vitest';
import { acceptMessage, answerRequest } from '../src/handlers.js';

function transaction(refuse?: Error) {
  const published: unknown[] = [];
  const tx: Transaction = {
    signal: new AbortController().signal,
    publish(payload) {
      if (refuse) throw refuse;
      published.push(payload);
    },
    publishTo: () => {},
    put: () => {},
  };
  return { tx, published };
}

const lab = { publish: async () => {}, behind: () => 0 };
const request = (payload: unknown) => ({ clientId: 'a', requestId: 1n, payload });

describe('a message', () => {
  it('that is an object comes back as it was, with its SEQUENCE', () => {
    const { tx, published } = transaction();
    const payload = { '@type': 'Order', amount: '1E-8', nested: [{}] };
    acceptMessage({ clientId: 'a', sequence: 2n ** 62n - 1n, payload }, tx);
    expect(published).toEqual([{ '@type': 'Accepted', sequence: '4611686018427387903', message: payload }]);
  });

  it.each([[[1]], ['text'], [1], [true], [null]])('that is %j is refused', (payload) => {
    const { tx, published } = transaction();
    expect(() => acceptMessage({ clientId: 'a', sequence: 0n, payload }, tx)).toThrow(
      'a message is a JSON object, such as {"@type":"Hello"}',
    );
    expect(published).toEqual([]);
  });

  it('that is too large to come back is refused, and not a fault of the server', () => {
    const { tx } = transaction(Object.assign(new Error('large'), { code: 'E_PAYLOAD' }));
    const message = { clientId: 'a', sequence: 0n, payload: {} };
    expect(() => acceptMessage(message, tx)).toThrow(
      expect.objectContaining({ name: 'Refused', code: 1007 }),
    );
    const broken = new Error('disk');
    expect(() => acceptMessage(message, transaction(broken).tx)).toThrow(broken);
  });
});

describe('a call', () => {
  it('gets its Echo, and the count of an Emit', async () => {
    const echo = { '@type': 'Echo', a: [1] };
    expect(await answerRequest(request(echo), lab)).toEqual(echo);
    expect(await answerRequest(request({ '@type': 'Emit', count: 3, bytes: 20 }), lab)).toEqual({
      '@type': 'Emitted',
      count: 3,
    });
  });

  it.each([[{}], [{ '@type': 'Other' }], [null], [['Echo']], ['Echo']])('%j is unknown', async (payload) => {
    await expect(answerRequest(request(payload), lab)).rejects.toMatchObject({
      name: 'RequestError',
      code: 'unknown-request',
    });
  });

  it('is answered with an error without --lab', async () => {
    await expect(answerRequest(request({ '@type': 'Echo' }), undefined)).rejects.toMatchObject({
      name: 'RequestError',
      message: 'this server answers no calls: start it with --lab',
    });
  });
});
