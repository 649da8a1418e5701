import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { networkOf } from '../src/index.js';

describe('the network of an address', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:192.0.2.7', '192.0.2.7'],
    ['::ffff:c000:207', '192.0.2.7'],
    ['0:0:0:0:0:FFFF:C000:0207', '192.0.2.7'],
    ['0000::ffff:192.0.2.7', '192.0.2.7'],
    ['::192.0.2.7', '192.0.2.7'],
    ['::c000:207', '192.0.2.7'],
    ['64:ff9b::192.0.2.7', '192.0.2.7'],
    ['0064:FF9B::c000:207', '192.0.2.7'],
    ['2001:db8:0:1:2:3:4:5', '2001:db8:0:1'],
    ['2001:0db8:0000:0001::9', '2001:db8:0:1'],
    ['2001:DB8:0:1::9', '2001:db8:0:1'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['2001:db8:1:2:3:4:192.0.2.7', '2001:db8:1:2'],
    ['2001:db8::', '2001:db8:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['FE80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0'],
    ['::', '0:0:0:0'],
    ['::fffe:192.0.2.7', '0:0:0:0'],
  ])('of %j is %j', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  it.each(
    [
      [
        '',
        undefined,
        'localhost',
        '192.0.2',
        '192.0.2.7.1',
        '192.0.2.256',
        '192.0.2.7:80',
        '[::1]',
        '1e1.0.0.1',
      ],
      [
        ':',
        ':::',
        '1::2::3',
        '1:2:3:4:5:6:7',
        '1:2:3:4:5:6:7:8:9',
        '1:2:3:4:5:6:7:8::',
        '::12345',
        '::g',
        '::1.2.3',
      ],
      ['1.2.3.4::', '::1.2.3.4:5', '2001:db8::-1', '2001:db8:: 1', '%eth0', '\n', '1:2:3:4:5:6:7:1.2.3.4'],
    ].flat(),
  )('is the same for all that is no address: %j', (garbage) => {
    expect(networkOf(garbage)).toBe('');
  });

  it('is the same for all 2^64 addresses of an IPv6 network, and another for each network', () => {
    const group = fc.integer({ min: 0, max: 0xffff });
    const half = fc.tuple(group, group, group, group);
    const text = (groups: readonly number[]) => groups.map((g) => g.toString(16)).join(':');
    fc.assert(
      fc.property(half, half, half, (network, host, other) => {
        fc.pre(network[0] > 0x64 && text(network) !== text(other) && other[0] > 0x64);
        const seen = networkOf(text([...network, ...host]));
        expect(seen).toBe(networkOf(text([...network, 0, 0, 0, 1])));
        expect(seen).not.toBe(networkOf(text([...other, ...host])));
      }),
    );
  });

  it('is the address for each IPv4 address, in whatever form', () => {
    const byte = fc.integer({ min: 1, max: 255 });
    fc.assert(
      fc.property(fc.tuple(byte, byte, byte, byte), (bytes) => {
        const dotted = bytes.join('.');
        const [a, b, c, d] = bytes;
        const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
        for (const form of [dotted, `::ffff:${dotted}`, `::FFFF:${hex}`, `::${hex}`, `64:ff9b::${hex}`]) {
          expect(networkOf(form)).toBe(dotted);
        }
      }),
    );
  });
});
