import { createPrivateKey, createPublicKey } from 'node:crypto';
import { crypto } from '@sealwire/crypto';
import { Refusal } from '../engine/probe.js';
import type { Random } from '../engine/random.js';
import type { Target } from '../engine/target.js';
import { rule, ruleSameBytes, sameBytes } from '../engine/violation.js';
import { cryptoErrors } from '../support/errors.js';
import { internal } from '../support/internal.js';
import { fromHex, Script, textOf, utf8 } from '../support/script.js';
import { keyTexts, sealedFrames } from '../support/vectors.js';

interface RsaNumbers {
  readonly n: Uint8Array;
  readonly e: Uint8Array;
}
interface KeyFile {
  readPublicKeyFile(input: string | Uint8Array): RsaNumbers;
  readPrivateKeyFile(
    input: string | Uint8Array,
    passphrase: string | undefined,
    decrypt: (der: Uint8Array, passphrase: string) => Uint8Array,
  ): RsaNumbers & { readonly pkcs8: Uint8Array };
  writeSpki(numbers: RsaNumbers): Uint8Array;
}
const { readPublicKeyFile, readPrivateKeyFile, writeSpki } = await internal<KeyFile>(
  '@sealwire/crypto',
  'key-file.js',
);

const source = (name: string) => `packages/crypto/dist/${name}.js`;
const publicKeys = [...keyTexts('publicSpki'), ...keyTexts('publicPkcs1')];
const privateKeys = [...keyTexts('privatePkcs8'), ...keyTexts('privatePkcs1')];
const der = (pem: string) => new Uint8Array(Buffer.from(pem.replace(/-----.*?-----|\s/g, ''), 'base64'));
/** `30 0d 06 09 … 05 00`: an algorithm identifier, of RSA, of RSASSA-PSS, of an elliptic curve. */
const algorithms = [
  '300d06092a864886f70d0101010500',
  '300d06092a864886f70d01010a0500',
  '301306072a8648ce3d020106082a8648ce3d030107',
].map(fromHex);
/** SPKI around numbers of three bytes: small, so that mutations hit what matters. */
const smallSpki = fromHex('301d300d06092a864886f70d0101010500030c003009020300c0010202010001'.slice(0, 62));
const smallPkcs1 = fromHex('301b02010002030100c10203010001020101020101020101020101020101');
const dictionary = [
  ...algorithms,
  ...['020100', '0500', '3080', '30820122', '0282010100', '30830100000', '1f8101', 'a000', '0400'].map(
    fromHex,
  ),
  ...[
    '-----BEGIN PUBLIC KEY-----\n',
    '\n-----END PUBLIC KEY-----',
    '-----BEGIN RSA PRIVATE KEY-----',
    '-----BEGIN ENCRYPTED PRIVATE KEY-----',
    '-----BEGIN EC PRIVATE KEY-----',
    'Proc-Type: 4,ENCRYPTED',
    'ssh-rsa ',
    'OPENSSH PRIVATE KEY',
    '==',
  ].map(utf8),
];

/** A PEM text is searched and cut several times over before it is decoded. */
const factor = 24;

/** Files of public and private keys, as operators and directories give them: DER, PEM as bytes, PEM as text. */
export const keyFiles: Target = {
  name: 'crypto-key-files',
  sources: ['key-file', 'der', 'pem', 'bytes'].map(source),
  seeds: () => [
    ...[...publicKeys.slice(0, 2), ...privateKeys.slice(0, 1)].map(utf8),
    ...[...publicKeys, ...privateKeys].map(der).filter(({ length }) => length < 1_400),
    smallSpki,
    smallPkcs1,
    utf8(pem('PUBLIC KEY', smallSpki)),
    utf8(pem('RSA PRIVATE KEY', smallPkcs1)),
    utf8(pem('EC PRIVATE KEY', smallPkcs1)),
  ],
  dictionary,
  generate: (random) => {
    if (random.oneIn(4)) return element(random, 4);
    const small = random.pick([smallSpki, smallPkcs1]);
    const label = random.pick([
      'PUBLIC KEY',
      'RSA PUBLIC KEY',
      'PRIVATE KEY',
      'RSA PRIVATE KEY',
      'ENCRYPTED PRIVATE KEY',
    ]);
    const changed = small.slice();
    for (let left = random.below(3); left > 0; left--)
      changed[random.below(changed.length)] = random.below(256);
    return utf8(pem(label, changed));
  },
  run(input, probe) {
    for (const form of [input, textOf(input)]) {
      const numbers = probe.call(input.length, cryptoErrors, () => readPublicKeyFile(form), { factor });
      if (!(numbers instanceof Refusal)) checkPublic(numbers);
      // What stands for the decryption of PKCS#8 is the library's; an encrypted key ends here as itself.
      const secret = probe.call(
        input.length,
        cryptoErrors,
        () => readPrivateKeyFile(form, undefined, (bytes) => bytes),
        { factor },
      );
      rule(
        numbers instanceof Refusal || secret instanceof Refusal,
        'no file is both a public and a private key',
      );
      if (secret instanceof Refusal) continue;
      const again = readPrivateKeyFile(secret.pkcs8, undefined, (bytes) => bytes);
      rule(sameBytes(again.n, secret.n) && sameBytes(again.e, secret.e), 'what is handed on is the same key');
    }
  },
};

function checkPublic({ n, e }: RsaNumbers): void {
  rule(isMinimal(n) && isMinimal(e), 'numbers have no leading zeros');
  const spki = writeSpki({ n, e });
  const again = readPublicKeyFile(spki);
  rule(sameBytes(again.n, n) && sameBytes(again.e, e), 'what is written is what was read');
  // OpenSSL refuses zeros; all else that is a pair of numbers it takes.
  if (n[0] === 0 || e[0] === 0) return;
  const jwk = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' }).export({
    format: 'jwk',
  });
  ruleSameBytes(n, new Uint8Array(Buffer.from(jwk.n ?? '', 'base64url')), 'OpenSSL reads the same modulus');
  ruleSameBytes(e, new Uint8Array(Buffer.from(jwk.e ?? '', 'base64url')), 'OpenSSL reads the same exponent');
}

function isMinimal(number: Uint8Array): boolean {
  return number.length === 1 || (number.length > 1 && number[0] !== 0);
}

const tags = [0x02, 0x03, 0x04, 0x05, 0x06, 0x30, 0xa0, 0x1f];

/** DER whose lengths are right, of elements in any order and number. */
function element(random: Random, depth: number): Uint8Array {
  const tag = depth === 4 || (depth > 0 && random.oneIn(3)) ? 0x30 : random.pick(tags);
  if (depth === 0 || tag !== 0x30)
    return derOf(tag, random.pick([random.bytes(random.below(6)), ...algorithms]));
  const count = random.oneIn(64) ? 3_000 : random.below(11);
  return derOf(
    tag,
    Buffer.concat(Array.from({ length: count }, () => element(random, count > 11 ? 0 : depth - 1))),
  );
}

function derOf(tag: number, content: Uint8Array): Uint8Array {
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Uint8Array.of(tag, ...size, ...content);
}

function pem(label: string, bytes: Uint8Array): string {
  return `-----BEGIN ${label}-----\n${Buffer.from(bytes).toString('base64')}\n-----END ${label}-----\n`;
}

/** The whole import, OpenSSL included. */
export const keyImport: Target = {
  name: 'crypto-import',
  sources: ['keys', 'public-key', 'private-key', 'rsa-failed'].map(source),
  share: 0.1,
  seeds: () => [der(publicKeys[0] ?? ''), der(privateKeys[0] ?? ''), smallSpki, smallPkcs1],
  dictionary,
  async run(input, probe) {
    const options = { unsafeAllowSmallKeys: true };
    const publicKey = await probe.callAsync(cryptoErrors, () => crypto.importPublicKey(input, options));
    if (!(publicKey instanceof Refusal)) {
      rule(publicKey.modulusBits >= 1024 && publicKey.modulusBits <= 8192, 'a modulus keeps its bounds');
      const expected = createPublicKey({ key: Buffer.from(publicKey.spki), format: 'der', type: 'spki' });
      rule(
        expected.asymmetricKeyDetails?.modulusLength === publicKey.modulusBits,
        'OpenSSL counts as many bits',
      );
      const verified = await publicKey.verify(input, new Uint8Array(publicKey.modulusBytes));
      rule(!verified, 'zeros are no signature');
    }
    const privateKey = await probe.callAsync(cryptoErrors, () => crypto.importPrivateKey(input, options));
    if (privateKey instanceof Refusal) return;
    const text = Buffer.from(input).toString('latin1');
    const key = text.startsWith('-----')
      ? text
      : { key: Buffer.from(input), format: 'der' as const, type: 'pkcs8' as const };
    const modulus = openSslModulus(key);
    if (modulus !== undefined)
      rule(modulus === privateKey.publicKey.modulusBits, 'OpenSSL reads a key of the same size');
  },
};

function openSslModulus(key: Parameters<typeof createPrivateKey>[0]): number | undefined {
  try {
    return createPrivateKey(key).asymmetricKeyDetails?.modulusLength;
  } catch {
    return undefined;
  }
}

const aesKey = Uint8Array.from({ length: 32 }, (_, index) => index + 1);

/** Sealed frames: one, then a batch of them, on one long-lived cipher. */
export const opener: Target = {
  name: 'crypto-opener',
  sources: ['opener', 'sealer', 'padding', 'aes-key'].map(source),
  share: 0.5,
  seeds: () => [
    ...sealedFrames()
      .slice(0, 6)
      .map(({ frame }) => Uint8Array.of(0, ...frame.subarray(0, 255))),
    Uint8Array.of(3, 0, 5, 1, 2, 3, 4, 5, 2, 7, 7, 0),
    Uint8Array.of(1, 1, 16, ...new Uint8Array(16), 0),
  ],
  run(input, probe) {
    const script = new Script(input);
    const sealer = crypto.createSealer(aesKey);
    const plaintexts: Uint8Array[] = [];
    for (let count = script.below(4); count > 0; count--) plaintexts.push(script.bytes());
    const frames = plaintexts.length === 0 ? [] : sealer.sealBatch(plaintexts);
    const raw = script.rest();
    const size = input.length;
    const whole = probe.call(size, cryptoErrors, () => crypto.createOpener(aesKey).openBatch(frames));
    rule(!(whole instanceof Refusal), 'what was sealed opens');
    rule(whole.length === plaintexts.length, 'as many open as were sealed');
    for (const [index, plaintext] of whole.entries()) {
      ruleSameBytes(plaintext, plaintexts[index] ?? new Uint8Array(), 'what opens is what was sealed');
    }
    const one = crypto.createOpener(aesKey);
    for (const frame of frames) probe.call(size, cryptoErrors, () => one.open(frame));
    const bad = probe.call(size, cryptoErrors, () => one.open(raw));
    if (bad instanceof Refusal) {
      rule(bad.error.code === 'E_OPEN', 'a frame that does not open tells nothing else');
      const after = probe.call(size, cryptoErrors, () => one.open(frames[0] ?? raw));
      rule(after instanceof Refusal && after.error.code === 'E_OPEN', 'after it nothing opens');
    } else {
      rule(
        raw.length >= 32 && raw.length % 16 === 0 && bad.length < raw.length - 16,
        'a plaintext is shorter than its frame',
      );
    }
  },
};
