import type { Crypto } from '../types.js';
import { check, counting, equal, equalBytes, fromHex, throws, toHex } from './assert.js';
import type { Party, TestRunner } from './suite.js';

const KEY = counting(32);
const LENGTHS = [0, 1, 15, 16, 17, 31, 32, 200, 1000, 65_536];

export function frameSuite({ describe, it }: TestRunner, crypto: Crypto): void {
  describe('sealing', () => {
    it('gives an IV and the least number of blocks that holds the plaintext and its padding', () => {
      for (const length of LENGTHS) {
        const frame = crypto.createSealer(KEY).seal(counting(length));
        equal(frame.length, 16 + (Math.floor(length / 16) + 1) * 16, 'the frame');
      }
    });

    it('is AES-256-CBC as in NIST SP 800-38A, F.2.5', () => {
      const key = fromHex('603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4');
      const iv = counting(16);
      const plaintext = fromHex('6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51');
      const expected = 'f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d';
      const sealer = crypto.createSealer(key);
      for (const _ of [1, 2, 3]) {
        const frame = sealer.sealWithIv(plaintext, iv);
        equalBytes(frame.subarray(0, 16), iv, 'the IV');
        equalBytes(frame.subarray(16, 48), fromHex(expected), 'the blocks');
      }
    });

    it('never repeats an IV [S47]', () => {
      const sealer = crypto.createSealer(KEY);
      const seen = new Set<string>();
      for (let i = 0; i < 500; i++) seen.add(toHex(sealer.seal(new Uint8Array(20)).subarray(0, 16)));
      for (const frame of sealer.sealBatch(new Array(500).fill(new Uint8Array(20)))) {
        seen.add(toHex(frame.subarray(0, 16)));
      }
      equal(seen.size, 1000, 'the number of different IVs');
    });

    it('leaves the plaintext alone', () => {
      const plaintext = counting(40);
      const sealer = crypto.createSealer(KEY);
      sealer.seal(plaintext);
      sealer.sealBatch([plaintext, plaintext]);
      sealer.sealWithIv(plaintext, counting(16));
      equalBytes(plaintext, counting(40), 'the plaintext');
    });

    it('shows the padded plaintext to the function that derives the IV', () => {
      const derive = (padded: Uint8Array) => crypto.hmacSha256(KEY, padded).subarray(0, 16);
      const padded = Uint8Array.of(...counting(20), ...new Array(12).fill(12));
      const frame = crypto.createSealer(KEY).sealDerived(counting(20), derive);
      equalBytes(frame, crypto.createSealer(KEY).sealWithIv(counting(20), derive(padded)), 'the frame');
      equalBytes(frame.subarray(0, 16), derive(padded), 'the IV');
    });

    it('derives in order, and a batch is the same as its frames one by one', () => {
      const numbered = () => {
        let number = 0;
        return (padded: Uint8Array) => crypto.hmacSha256(Uint8Array.of(number++), padded).subarray(0, 16);
      };
      const plaintexts = LENGTHS.map(counting);
      const [single, batch] = [crypto.createSealer(KEY), crypto.createSealer(KEY)];
      const derive = numbered();
      const expected = plaintexts.map((plaintext) => toHex(single.sealDerived(plaintext, derive)));
      const frames = batch.sealDerivedBatch(plaintexts, numbered());
      equal(frames.map(toHex).join(), expected.join(), 'the frames');
    });

    it('refuses an IV that is not 16 bytes', () => {
      for (const length of [0, 15, 17, 32]) {
        throws('E_ARGUMENT', `${length} bytes`, () =>
          crypto.createSealer(KEY).sealWithIv(KEY, counting(length)),
        );
      }
    });

    it('refuses a key that is not 32 bytes or was never filled', () => {
      const bad = [...[0, 16, 24, 31, 33].map(counting), new Uint8Array(32), new Uint8Array(32).fill(7)];
      for (const key of bad) {
        throws('E_AES_KEY', `a key of ${key.length} bytes`, () => crypto.createSealer(key));
        throws('E_AES_KEY', `a key of ${key.length} bytes`, () => crypto.createOpener(key));
      }
    });

    it('keeps a copy of its key', () => {
      const key = counting(32);
      const [sealer, opener] = [crypto.createSealer(key), crypto.createOpener(key)];
      key.fill(9);
      equalBytes(crypto.createOpener(KEY).open(sealer.seal(KEY)), KEY, 'what was sealed');
      equalBytes(opener.open(crypto.createSealer(KEY).seal(KEY)), KEY, 'what was opened');
    });

    it('stops at the bounds of call and key', () => {
      const small = crypto.createSealer(KEY, { maxCallBytes: 64 });
      equal(small.seal(new Uint8Array(47)).length, 64, 'the largest frame');
      throws('E_TOO_LONG', 'a longer one', () => small.seal(new Uint8Array(48)));
      throws('E_TOO_LONG', 'a longer batch', () => small.sealBatch([KEY, KEY]));
      throws('E_TOO_LONG', 'a longer frame with IV', () =>
        small.sealWithIv(new Uint8Array(48), counting(16)),
      );
      const tired = crypto.createSealer(KEY, { maxBlocks: 6 });
      tired.sealBatch([new Uint8Array(1), new Uint8Array(1)]);
      throws('E_EXHAUSTED', 'three blocks more', () => tired.seal(new Uint8Array(16)));
      equal(tired.seal(new Uint8Array(15)).length, 32, 'the last frame');
      throws('E_EXHAUSTED', 'one frame more', () => tired.seal(new Uint8Array()));
      for (const maxBlocks of [0, 2 ** 32 + 1, 1.5]) {
        throws('E_ARGUMENT', `maxBlocks ${maxBlocks}`, () => crypto.createSealer(KEY, { maxBlocks }));
      }
    });

    it('is over after destroy() [S84]', () => {
      const [sealer, opener] = [crypto.createSealer(KEY), crypto.createOpener(KEY)];
      const frame = sealer.seal(KEY);
      for (const part of [sealer, sealer, opener, opener]) part.destroy();
      throws('E_DESTROYED', 'seal()', () => sealer.seal(KEY));
      throws('E_DESTROYED', 'sealBatch()', () => sealer.sealBatch([]));
      throws('E_DESTROYED', 'sealWithIv()', () => sealer.sealWithIv(KEY, counting(16)));
      throws('E_DESTROYED', 'open()', () => opener.open(frame));
      throws('E_DESTROYED', 'openBatch()', () => opener.openBatch([]));
    });
  });

  describe('opening', () => {
    it('gives back what was sealed, alone and in batches of 0, 1, 64 and 1000', () => {
      const [sealer, opener] = [crypto.createSealer(KEY), crypto.createOpener(KEY)];
      for (const length of LENGTHS)
        equalBytes(opener.open(sealer.seal(counting(length))), counting(length), 'one');
      for (const count of [0, 1, 64, 1000]) {
        const plaintexts = Array.from({ length: count }, (_, i) => counting(i % 50));
        const expected = plaintexts.map(toHex).join();
        equal(opener.openBatch(sealer.sealBatch(plaintexts)).map(toHex).join(), expected, 'batch to batch');
        const singles = sealer.sealBatch(plaintexts).map((frame) => opener.open(frame));
        equal(singles.map(toHex).join(), expected, 'batch to singles');
        const batch = opener.openBatch(plaintexts.map((plaintext) => sealer.seal(plaintext)));
        equal(batch.map(toHex).join(), expected, 'singles to batch');
      }
    });

    it('takes frames at any place of a larger buffer', () => {
      const frame = crypto.createSealer(KEY).seal(counting(40));
      for (const offset of [1, 2, 3, 5, 16]) {
        const buffer = new Uint8Array(frame.length + 32).fill(0xee);
        buffer.set(frame, offset);
        const part = buffer.subarray(offset, offset + frame.length);
        equalBytes(crypto.createOpener(KEY).open(part), counting(40), 'the plaintext');
        equalBytes(part, frame, 'the frame afterwards');
      }
    });

    // Made by hand: what the padding of the second block says, and whether it is padding.
    const padded = (...tail: number[]) => Uint8Array.of(...new Array(16 - tail.length).fill(0xee), ...tail);
    const bad: Readonly<Record<string, Uint8Array>> = {
      'no bytes': new Uint8Array(),
      'an IV only': counting(16),
      'a byte less than two blocks': counting(31),
      'a byte more than two blocks': counting(33),
      'half a block more': counting(40),
      'padding of 0': sealRaw(crypto, padded(0)),
      'padding of 17': sealRaw(crypto, new Uint8Array(32).fill(17)),
      'padding of 255': sealRaw(crypto, padded(255)),
      'a bad byte in padding of 2': sealRaw(crypto, padded(3, 2)),
      'a bad first byte in padding of 16': sealRaw(crypto, Uint8Array.of(15, ...new Array(15).fill(16))),
      'another key': crypto.createSealer(counting(33).subarray(1)).sealWithIv(counting(15), counting(16)),
    };

    it('answers every bad frame with one code and one message, and then opens nothing more [S48]', () => {
      const good = crypto.createSealer(KEY).seal(KEY);
      const messages = new Set<string>();
      for (const [what, frame] of Object.entries(bad)) {
        for (const attempt of ['open', 'openBatch', 'openVerified'] as const) {
          const opener = crypto.createOpener(KEY);
          opener.open(good);
          const run = () => {
            if (attempt === 'open') return opener.open(frame);
            if (attempt === 'openBatch') return opener.openBatch([good, frame, good]);
            return opener.openVerified(frame, () => true);
          };
          throws('E_OPEN', `${what}, ${attempt}`, run);
          throws('E_OPEN', 'a good frame afterwards', () => opener.open(good));
          try {
            run();
          } catch (error) {
            messages.add(String(error));
          }
        }
      }
      equal(messages.size, 1, 'the number of different messages');
    });

    it('opens every padding from 1 to 16', () => {
      for (let length = 0; length < 16; length++) {
        const block = Uint8Array.of(...counting(length), ...new Array(16 - length).fill(16 - length));
        equalBytes(crypto.createOpener(KEY).open(sealRaw(crypto, block)), counting(length), 'the plaintext');
      }
    });

    it('asks before it looks at the padding', () => {
      for (const frame of [crypto.createSealer(KEY).seal(KEY), sealRaw(crypto, padded(0))]) {
        let asked = 0;
        throws('E_OPEN', 'a frame that is not accepted', () =>
          crypto.createOpener(KEY).openVerified(frame, (iv, seen) => {
            asked++;
            equalBytes(iv, frame.subarray(0, 16), 'the IV');
            equal(seen.length, frame.length - 16, 'the padded plaintext');
            return false;
          }),
        );
        equal(asked, 1, 'how often it asked');
      }
    });

    it('shows the padded plaintext of each frame, in order', () => {
      const sealer = crypto.createSealer(KEY);
      const frames = sealer.sealBatch([counting(3), counting(20)]);
      const seen: string[] = [];
      const opened = crypto.createOpener(KEY).openVerifiedBatch(frames, (_, bytes) => {
        seen.push(toHex(bytes));
        return true;
      });
      equal(
        opened.map(toHex).join(),
        [3, 20].map((length) => toHex(counting(length))).join(),
        'the plaintexts',
      );
      equal(seen[0], toHex(Uint8Array.of(0, 1, 2, ...new Array(13).fill(13))), 'the first');
      equal(seen[1], toHex(Uint8Array.of(...counting(20), ...new Array(12).fill(12))), 'the second');
    });

    it('gives what comes before a bad frame, one after the other, however many there are [F6]', () => {
      const plaintexts = Array.from({ length: 300 }, (_, index) => counting(index % 150));
      const frames = crypto.createSealer(KEY).sealBatch(plaintexts);
      for (const [what, frame] of Object.entries(bad)) {
        for (const at of [0, 1, 299]) {
          const opener = crypto.createOpener(KEY);
          const opened = opener.openEach(frames.with(at, frame));
          for (const plaintext of plaintexts.slice(0, at)) {
            equalBytes(opened.next().value ?? frame, plaintext, 'one before it');
          }
          throws('E_OPEN', what, () => opened.next());
          throws('E_OPEN', 'a good frame afterwards', () => opener.open(frames[0]!));
        }
      }
    });

    it('asks for each frame when that is asked for', () => {
      const frames = crypto.createSealer(KEY).sealBatch([counting(3), counting(20), counting(5)]);
      const ivs: string[] = [];
      const opener = crypto.createOpener(KEY);
      const opened = opener.openEach(frames, (iv, seen) => {
        ivs.push(toHex(iv));
        return seen.length < 32;
      });
      equalBytes(opened.next().value ?? KEY, counting(3), 'the first');
      equal(ivs.join(), toHex(frames[0]!.subarray(0, 16)), 'what it was asked for');
      throws('E_OPEN', 'the second, which is not accepted', () => opened.next());
      equal(ivs.length, 2, 'how often it asked');
      const late = crypto.createOpener(KEY);
      const rest = late.openEach(frames);
      rest.next();
      late.destroy();
      throws('E_DESTROYED', 'a frame after the end', () => rest.next());
    });

    it('ends when the accepting function throws, and lets that error out', () => {
      const opener = crypto.createOpener(KEY);
      const frame = crypto.createSealer(KEY).seal(KEY);
      let caught: unknown;
      try {
        opener.openVerified(frame, () => {
          throw new RangeError('mine');
        });
      } catch (error) {
        caught = error;
      }
      check(caught instanceof RangeError, 'the error of the function');
      throws('E_OPEN', 'a good frame afterwards', () => opener.open(frame));
    });

    it('refuses frames beyond the bound of a call', () => {
      const frame = crypto.createSealer(KEY).seal(new Uint8Array(47));
      equal(crypto.createOpener(KEY, { maxCallBytes: 64 }).open(frame).length, 47, 'the largest');
      throws('E_OPEN', 'two', () => crypto.createOpener(KEY, { maxCallBytes: 64 }).openBatch([frame, frame]));
    });
  });
}

export function frameInterop({ it }: TestRunner, from: Party, to: Party): void {
  it('seals and opens', () => {
    const [sealer, opener] = [from.crypto.createSealer(KEY), to.crypto.createOpener(KEY)];
    for (const length of LENGTHS)
      equalBytes(opener.open(sealer.seal(counting(length))), counting(length), 'one');
    const opened = opener.openBatch(sealer.sealBatch(LENGTHS.map(counting)));
    equal(opened.map(toHex).join(), LENGTHS.map((length) => toHex(counting(length))).join(), 'a batch');
  });

  it('seals the same bytes under the same IV', () => {
    const [one, other] = [from.crypto.createSealer(KEY), to.crypto.createSealer(KEY)];
    for (const length of LENGTHS) {
      const plaintext = counting(length);
      const expected = other.sealWithIv(plaintext, counting(16));
      equalBytes(one.sealWithIv(plaintext, counting(16)), expected, 'the frame');
    }
  });
}

/** A frame of exactly these padded bytes: CBC of whole blocks, cut before the padding that the sealer adds. */
function sealRaw(crypto: Crypto, padded: Uint8Array): Uint8Array {
  return crypto
    .createSealer(KEY)
    .sealWithIv(padded, counting(16))
    .slice(0, 16 + padded.length);
}
