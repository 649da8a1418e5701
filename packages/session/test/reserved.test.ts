import { describe, expect, it } from 'vitest';
import { checkpointType, errorType, isReserved, typeOf } from '../src/index.js';

describe('reserved types', () => {
  it('begin with sealwire.', () => {
    for (const type of [checkpointType, errorType, 'sealwire.', 'sealwire.Other']) {
      expect(isReserved({ '@type': type })).toBe(true);
    }
    for (const type of ['Sealwire.Error', 'sealwire', 'x.sealwire.Error', '', 7, null, ['sealwire.Error']]) {
      expect(isReserved({ '@type': type })).toBe(false);
    }
  });

  it('are those of objects only', () => {
    expect([null, undefined, 'sealwire.Error', 7, {}, []].map(typeOf)).toEqual(new Array(6).fill(undefined));
    expect(typeOf({ '@type': 'Note' })).toBe('Note');
  });
});
