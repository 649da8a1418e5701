import { describe, expect, it } from 'vitest';
import { unknownOption } from '../src/unknown-option.js';

const known = ['onMessage', 'onState', 'dial', 'clientId', 'maxFrameBytes'];
const words = (name: string, prefix = '') => unknownOption(prefix, { [name]: 1 }, known);

describe('unknownOption', () => {
  it('says nothing about names that are known', () => {
    expect(unknownOption('', { dial: 1, clientId: undefined }, known)).toBeUndefined();
    expect(unknownOption('', {}, known)).toBeUndefined();
  });

  it.each([
    ['onMesage', 'onMessage'],
    ['onMessages', 'onMessage'],
    ['clientID', 'clientId'],
    ['maxframebytes', 'maxFrameBytes'],
    ['dail', 'dial'],
    ['onSttae', 'onState'],
  ])('names what %s was probably meant to be', (name, meant) => {
    expect(words(name)).toBe(`the option ${name} does not exist: is it ${meant}?`);
  });

  it('does not guess where nothing is near', () => {
    expect(words('retries')).toBe('the option retries does not exist');
    expect(words('')).toBe('the option  does not exist');
  });

  it('knows no names of Object.prototype', () => {
    expect(words('toString')).toBe('the option toString does not exist');
    expect(unknownOption('', JSON.parse('{"__proto__":1}'), known)).toBe(
      'the option __proto__ does not exist',
    );
  });

  it('puts the group before both names', () => {
    expect(words('dia', 'inbox.')).toBe('the option inbox.dia does not exist: is it inbox.dial?');
  });

  it('speaks of a name with the value undefined too', () => {
    expect(unknownOption('', { onMesage: undefined }, known)).toContain('onMessage');
  });
});
