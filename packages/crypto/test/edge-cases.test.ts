import aesCbc from '@sealwire/vectors/aes-cbc.json' with { type: 'json' };
import keyFile from '@sealwire/vectors/keys.json' with { type: 'json' };
import oddKeys from '@sealwire/vectors/odd-keys.json' with { type: 'json' };
import oaep from '@sealwire/vectors/rsa-oaep.json' with { type: 'json' };
import pss from '@sealwire/vectors/rsa-pss.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import { backends, hex, toHex } from './backends.js';

// The classes of cases are those of Project Wycheproof. A group is one test, which names the cases that went wrong.

/** The portable back end takes seconds for some groups, also where nothing else runs. */
const patient = { timeout: 120_000 };
const keys = new Map(Object.entries(keyFile.keys));

/** What the case came to: bytes in hexadecimal, or code, message and cause of the error. */
async function outcome(attempt: () => Uint8Array | Promise<Uint8Array>): Promise<string> {
  try {
    return toHex(await attempt());
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return `${'code' in error ? String(error.code) : ''}: ${error.message} ${String(error.cause)}`;
  }
}

describe.each(backends)('the edge cases, $name back end', ({ name: backend, crypto, options }) => {
  // node-rsa computes wrongly with moduli of 8n + 1 bits, and the portable back end refuses them.
  const takes = (bits: number) => backend !== 'portable' || bits % 8 !== 1;
  const usable = ({ key }: { key: string }) => takes(keys.get(key)?.bits ?? 0);
  const privateKey = (name: string) => crypto.importPrivateKey(keys.get(name)?.privatePkcs8 ?? '', options);

  describe('of RSAES-OAEP with SHA-1', () => {
    it.each(oaep.filter(usable))(
      'decrypt for $key where they are valid [S39]',
      patient,
      async ({ key, valid }) => {
        const opened = await privateKey(key);
        const wrong: string[] = [];
        for (const { what, plain, ciphertext } of valid) {
          if ((await outcome(() => opened.decrypt(hex(ciphertext)))) !== plain) wrong.push(what);
        }
        expect(wrong).toEqual([]);
        expect(valid.length).toBeGreaterThan(25);
      },
    );

    it.each(oaep.filter(usable))(
      'fail for $key in one way where they are not [S39, S40, S45]',
      patient,
      async ({ key, refused }) => {
        const opened = await privateKey(key);
        const outcomes = new Map<string, string[]>();
        for (const { what, ciphertext } of refused) {
          const result = await outcome(() => opened.decrypt(hex(ciphertext)));
          outcomes.set(result, [...(outcomes.get(result) ?? []), what]);
        }
        expect([...outcomes.keys()]).toEqual([expect.stringMatching(/^E_DECRYPT: .* undefined$/)]);
        expect(refused.length).toBeGreaterThan(50);
      },
    );
  });

  describe('of RSASSA-PSS with SHA-512', () => {
    const verdicts = async (
      key: string,
      cases: readonly { what: string; data: string; signature: string }[],
    ) => {
      const publicKey = await crypto.importPublicKey(keys.get(key)?.publicSpki ?? '');
      const accepted: string[] = [];
      for (const { what, data, signature } of cases) {
        if (await publicKey.verify(hex(data), hex(signature))) accepted.push(what);
      }
      return accepted;
    };

    it.each(pss.filter(usable))('verify with $key where they are valid [S39]', async ({ key, valid }) => {
      expect(await verdicts(key, valid)).toEqual(valid.map(({ what }) => what));
      expect(valid.length).toBeGreaterThan(8);
    });

    it.each(pss.filter(usable))(
      'do not verify with $key where they are not [S39, S41, S42]',
      async ({ key, refused }) => {
        expect(await verdicts(key, refused)).toEqual([]);
        expect(refused.length).toBeGreaterThan(60);
      },
    );
  });

  describe('of AES-256-CBC with PKCS#7', () => {
    const opener = () => crypto.createOpener(hex(aesCbc.aesKey));

    it('open where they are valid, and seal to the same bytes [S39]', async () => {
      const sealer = crypto.createSealer(hex(aesCbc.aesKey));
      for (const { what, plain, frame } of aesCbc.valid) {
        expect(await outcome(() => opener().open(hex(frame))), what).toBe(plain);
        expect(toHex(sealer.sealWithIv(hex(plain), hex(frame).subarray(0, 16))), what).toBe(frame);
      }
      expect(aesCbc.valid.length).toBeGreaterThan(40);
    });

    it('fail in one way where they are not, alone, in a batch and verified [S39, S48]', async () => {
      const outcomes = new Map<string, string[]>();
      const good = hex(aesCbc.valid[20]?.frame ?? '');
      const ways: ((frame: Uint8Array) => Uint8Array | undefined)[] = [
        (frame) => opener().open(frame),
        (frame) => opener().openBatch([good, frame])[1],
        (frame) => opener().openVerified(frame, () => true),
      ];
      for (const { what, frame } of aesCbc.refused) {
        for (const open of ways) {
          const result = await outcome(() => open(hex(frame)) ?? new Uint8Array());
          outcomes.set(result, [...(outcomes.get(result) ?? []), what]);
        }
      }
      expect([...outcomes.keys()]).toEqual([expect.stringMatching(/^E_OPEN: .* undefined$/)]);
      expect(aesCbc.refused.length).toBeGreaterThan(300);
    });
  });

  it.each(oddKeys.filter(({ bits }) => takes(bits)))(
    'of a key of $bits bits work, and what is made with it works [S43]',
    async ({ privatePkcs8, plain, ciphertext, signature, bits }) => {
      const key = await crypto.importPrivateKey(privatePkcs8, {
        ...options,
        unsafeAllowSmallKeys: bits < 2048,
      });
      expect(key.publicKey.modulusBits).toBe(bits);
      expect(toHex(await key.decrypt(hex(ciphertext)))).toBe(plain);
      expect(toHex(await key.decrypt(await key.publicKey.encrypt(hex(plain))))).toBe(plain);
      expect(await key.publicKey.verify(hex(plain), hex(signature))).toBe(true);
      expect(await key.publicKey.verify(hex(plain), await key.sign(hex(plain)))).toBe(true);
      expect(key.publicKey.maxPlaintext).toBe(plain.length / 2);
    },
  );
});
