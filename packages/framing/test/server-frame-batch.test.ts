import { describe, expect, it } from 'vitest';
import {
  encodeServerError,
  encodeServerMessage,
  encodeServerRpc,
  type Layout,
  ServerFrameBatch,
} from '../src/index.js';
import { utf8 } from './support/bytes.js';
import { codeOf } from './support/errors.js';

const json = utf8('{"price":"1.25"}');

describe.each<Layout>(['documented', 'deployed'])('a batch of server frames, %s', (layout) => {
  it('holds the same bytes as its frames one by one, also after it was cleared', () => {
    const batch = new ServerFrameBatch(4);
    for (let round = 0; round < 2; round++) {
      batch.addMessage(layout, 7n, 1.5, json);
      batch.addRpc(layout, 2n ** 62n, utf8('[1]'));
      batch.addError(layout, 'no');
      expect(batch.count).toBe(3);
      expect(batch.plaintexts()).toEqual([
        encodeServerMessage(layout, 7n, 1.5, json),
        encodeServerRpc(layout, 2n ** 62n, utf8('[1]')),
        encodeServerError(layout, 'no'),
      ]);
      batch.clear();
      expect([batch.count, batch.size]).toEqual([0, 0]);
    }
  });

  it('keeps nothing of a frame that cannot be written', () => {
    const batch = new ServerFrameBatch();
    batch.addMessage(layout, 7n, 1.5, json);
    const { size } = batch;
    expect(codeOf(() => batch.addMessage(layout, 2n ** 63n, 1.5, json))).toBe('E_FIELD');
    expect(codeOf(() => batch.addMessage(layout, 8n, Number.NaN, json))).toBe('E_TIMESTAMP');
    expect(codeOf(() => batch.addRpc(layout, 2n ** 63n, json))).toBe('E_FIELD');
    expect([batch.count, batch.size]).toEqual([1, size]);
    batch.addRpc(layout, 1n, json);
    expect(batch.plaintexts()[1]).toEqual(encodeServerRpc(layout, 1n, json));
  });

  it('refuses a frame beyond 16 MiB and a batch beyond 32 MiB', () => {
    const batch = new ServerFrameBatch();
    const half = new Uint8Array(2 ** 24 - 31);
    expect(codeOf(() => batch.addRpc(layout, 1n, new Uint8Array(2 ** 24)))).toBe('E_LIMIT');
    batch.addRpc(layout, 1n, half);
    batch.addRpc(layout, 2n, half);
    expect(codeOf(() => batch.addError(layout, 'x'.repeat(100)))).toBe('E_LIMIT');
    expect(batch.count).toBe(2);
  });
});
