import frames from '@sealwire/vectors/frames.json' with { type: 'json' };
import handshakes from '@sealwire/vectors/handshakes.json' with { type: 'json' };
import hardening from '@sealwire/vectors/hardening.json' with { type: 'json' };
import keyFile from '@sealwire/vectors/keys.json' with { type: 'json' };
import refused from '@sealwire/vectors/refused.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import { timingSafeEqual } from '../src/bytes.js';
import { backends, hex, toHex } from './backends.js';

const keys = new Map(Object.entries(keyFile.keys));

function keyNamed(name: string) {
  const key = keys.get(name);
  if (key === undefined) throw new Error(`No key ${name} in keys.json`);
  return key;
}

describe.each(backends)('the vectors, $name back end', ({ name: backend, crypto, options }) => {
  const publicKey = (name: string) => crypto.importPublicKey(keyNamed(name).publicSpki);
  const privateKey = (name: string) => crypto.importPrivateKey(keyNamed(name).privatePkcs8, options);

  it.each([...keys])('read %s in all four forms [S43]', async (_, key) => {
    const imports = [
      crypto.importPublicKey(key.publicSpki),
      crypto.importPublicKey(key.publicPkcs1),
      crypto.importPrivateKey(key.privatePkcs8, options),
      crypto.importPrivateKey(key.privatePkcs1, options),
    ] as const;
    if (backend === 'portable' && key.bits % 8 === 1) {
      for (const attempt of imports)
        await expect(attempt).rejects.toMatchObject({ code: 'E_KEY_UNSUPPORTED' });
      return;
    }
    const [spki, pkcs1, fromPkcs8, fromPkcs1] = await Promise.all(imports);
    for (const same of [pkcs1, fromPkcs8.publicKey, fromPkcs1.publicKey]) {
      expect(same.fingerprint).toBe(spki.fingerprint);
    }
    expect(spki.modulusBits).toBe(key.bits);
    expect(spki.toPem()).toBe(key.publicSpki);
    const longest = crypto.randomBytes(spki.maxPlaintext);
    expect(await fromPkcs1.decrypt(await spki.encrypt(longest))).toEqual(longest);
    expect(await pkcs1.verify(longest, await fromPkcs8.sign(longest))).toBe(true);
  });

  it.each(hardening.spki)('rebuild the SPKI of $key', async ({ key, spki }) => {
    if (backend === 'portable' && keyNamed(key).bits % 8 === 1) return;
    expect(toHex((await crypto.importPublicKey(keyNamed(key).publicPkcs1)).spki)).toBe(spki);
  });

  const usable = handshakes.filter(
    ({ serverKey, clientKey }) =>
      backend !== 'portable' || [serverKey, clientKey].every((name) => keyNamed(name).bits % 8 !== 1),
  );
  it.each(usable)(
    'open the handshake of $clientKey with $serverKey, client "$clientIdUtf8"',
    async (vector) => {
      const server = await privateKey(vector.serverKey);
      const client = await privateKey(vector.clientKey);
      expect(toHex(await server.decrypt(hex(vector.helloEncrypted)))).toBe(vector.helloPlain);
      expect(toHex(await client.decrypt(hex(vector.welcomeEncrypted)))).toBe(vector.welcomePlain);
      expect(await client.publicKey.verify(hex(vector.dataToSign), hex(vector.proof))).toBe(true);
      expect(await client.publicKey.verify(hex(vector.helloPlain), hex(vector.proof))).toBe(false);
    },
  );

  it.each(frames)('open and seal the $layout $type number $number of the $from', (vector) => {
    expect(toHex(crypto.createOpener(hex(vector.aesKey)).open(hex(vector.frame)))).toBe(vector.plain);
    const sealer = crypto.createSealer(hex(vector.aesKey));
    expect(toHex(sealer.sealWithIv(hex(vector.plain), hex(vector.iv)))).toBe(vector.frame);
  });

  describe('refuse', () => {
    const atTheSeal = new Set([
      'empty frame',
      'shorter than IV and one block',
      'length not a multiple of 16',
      'IV only',
      'PKCS7 padding broken',
      'sealed with another key',
      'one byte, not zero',
    ]);
    const ofSignature = refused.filter(({ fault }) => /signature/.test(fault));

    it.each(refused)('$fault, or leave it to the layers above', ({ fault, aesKey, frame }) => {
      const open = () => crypto.createOpener(hex(aesKey)).open(hex(frame));
      if (atTheSeal.has(fault)) expect(open).toThrow(expect.objectContaining({ code: 'E_OPEN' }));
      else expect(open().length).toBeGreaterThan(0);
    });

    it.each(ofSignature)('$fault', async ({ aesKey, frame, clientKey }) => {
      const plain = crypto.createOpener(hex(aesKey)).open(hex(frame));
      const view = new DataView(plain.buffer, plain.byteOffset);
      const signature = plain.subarray(4, 4 + view.getUint32(0));
      const type = 4 + Math.ceil(signature.length / 4) * 4;
      const data = plain.subarray(type + 8, type + 8 + view.getUint32(type + 4));
      const key = await publicKey(clientKey ?? '');
      expect(await key.verify(data, signature)).toBe(false);
    });

    it('finds the signatures that it means to refuse', () => expect(ofSignature).toHaveLength(5));
  });

  describe('of a hardened handshake', () => {
    it.each(hardening.bound)('derive the keys of $clientKey with $serverKey', (vector) => {
      expect(toHex(crypto.sha512(hex(vector.T)))).toBe(vector.sha512T);
      const ikm = hex(vector.clientAesKey + vector.serverAesKey);
      const salt = new TextEncoder().encode('sealwire handshake 1');
      const derived = toHex(crypto.hkdfSha512(ikm, salt, hex(vector.sha512T), 96));
      expect(derived).toBe(vector.tag + vector.clientMacKey + vector.serverMacKey);
    });

    it.each(hardening.bound)('verify the proofs of $clientKey to $serverKey', async (vector) => {
      if (backend === 'portable' && keyNamed(vector.clientKey).bits % 8 === 1) return;
      const key = await publicKey(vector.clientKey);
      const accepted = hex(`${vector.dataToSign}00000001`);
      expect(await key.verify(accepted, hex(vector.proofAccepted))).toBe(true);
      expect(await key.verify(hex(vector.dataToSign), hex(vector.proofPlain))).toBe(true);
      for (const proof of Object.values(vector.proofsRefused)) {
        expect(await key.verify(accepted, hex(proof))).toBe(false);
        expect(await key.verify(hex(vector.dataToSign), hex(proof))).toBe(false);
      }
    });

    const syntheticIv = (macKey: string, number: string) => {
      const counter = new Uint8Array(8);
      new DataView(counter.buffer).setBigUint64(0, BigInt(number));
      return (padded: Uint8Array) => crypto.hmacSha256(hex(macKey), counter, padded).subarray(0, 16);
    };

    it.each(hardening.frames)(
      'seal and open frame $number with its IV',
      ({ aesKey, macKey, number, plain, frame }) => {
        const iv = syntheticIv(macKey, number);
        expect(toHex(crypto.createSealer(hex(aesKey)).sealDerived(hex(plain), iv))).toBe(frame);
        const opener = crypto.createOpener(hex(aesKey));
        const opened = opener.openVerified(hex(frame), (given, padded) => timingSafeEqual(given, iv(padded)));
        expect(toHex(opened)).toBe(plain);
      },
    );

    it.each(hardening.framesRefused)('refuse: $fault', ({ aesKey, macKey, number, frame }) => {
      const iv = syntheticIv(macKey, number);
      const opener = crypto.createOpener(hex(aesKey));
      const open = () =>
        opener.openVerified(hex(frame), (given, padded) => timingSafeEqual(given, iv(padded)));
      expect(open).toThrow(expect.objectContaining({ code: 'E_OPEN' }));
    });
  });
});
