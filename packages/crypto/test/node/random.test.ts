import nodeCrypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { afterEach, describe, expect, it } from 'vitest';
import { crypto } from '../../src/node/index.js';

const { randomFillSync } = nodeCrypto;

afterEach(() => {
  nodeCrypto.randomFillSync = randomFillSync;
  syncBuiltinESMExports();
});

describe('a system without randomness', () => {
  it('gives E_NO_RANDOM and no frame on Node [S47]', () => {
    nodeCrypto.randomFillSync = () => {
      throw new Error('no entropy');
    };
    syncBuiltinESMExports();
    const failure = expect.objectContaining({ code: 'E_NO_RANDOM' });
    expect(() => crypto.randomBytes(1000)).toThrow(failure);
    expect(() => crypto.createSealer(crypto.sha256(new Uint8Array())).seal(new Uint8Array(1))).toThrow(
      failure,
    );
  });
});
