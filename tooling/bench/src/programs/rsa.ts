import { constants, createPrivateKey, createPublicKey, publicEncrypt, webcrypto } from 'node:crypto';
import { pemOf } from '../lab/keys.js';
import { inLanes } from '../lab/lanes.js';
import { payloadBytes } from '../lab/payload.js';
import { answerCalls } from '../lab/process.js';
import { signed, verifySigned } from '../lab/rsa.js';
import { now } from '../lab/time.js';
import { vitals } from '../lab/vitals.js';

/** RSASSA-PSS and RSAES-OAEP as the protocol has them, on `node:crypto`, with keys that are imported once. */
const privateKey = createPrivateKey(pemOf(0));
const publicKey = createPublicKey(privateKey);
const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' };
const data = Buffer.alloc(payloadBytes, 'x');
const signature = await signed(data, privateKey);
const secret = Buffer.alloc(32, 'x');
const ciphertext = publicEncrypt({ key: publicKey, ...oaep }, secret);
/** The one way to decrypt on the threads of the pool, which a server needs that is not to stand still meanwhile. */
const decryptionKey = webcrypto.subtle.importKey(
  'pkcs8',
  privateKey.export({ format: 'der', type: 'pkcs8' }),
  { name: 'RSA-OAEP', hash: 'SHA-1' },
  false,
  ['decrypt'],
);

const operations = {
  verify: () => verifySigned(data, signature, publicKey),
  encrypt: () => void publicEncrypt({ key: publicKey, ...oaep }, secret),
};

const calls = {
  ...vitals,
  /** Signs on the threads of the pool, so many at a time; how many a second. */
  async sign(atOnce: number, ms: number): Promise<number> {
    const began = now();
    let count = 0;
    const lane = async () => {
      for (; now() < began + ms; count++) await signed(data, privateKey);
    };
    await Promise.all(Array.from({ length: atOnce }, lane));
    return (1_000 * count) / (now() - began);
  },
  /** On one thread; how many a second. */
  repeat(operation: keyof typeof operations, ms: number): number {
    const run = operations[operation];
    const began = now();
    let count = 0;
    for (; now() < began + ms; count++) run();
    return (1_000 * count) / (now() - began);
  },
  /** Verifies on one thread, with the keys of so many clients in turn; how many a second. */
  async verifyInTurn(clients: number, ms: number): Promise<number> {
    const peers = await Promise.all(
      Array.from({ length: clients }, async (_, n) => {
        const own = createPrivateKey(pemOf(n + 1));
        return { key: createPublicKey(own), signature: await signed(data, own) };
      }),
    );
    const began = now();
    let count = 0;
    for (; now() < began + ms; count += clients) {
      for (const { key, signature } of peers) verifySigned(data, signature, key);
    }
    return (1_000 * count) / (now() - began);
  },
  /** Microseconds of CPU that each takes. */
  cpuOf(operation: keyof typeof operations, count: number): number {
    const run = operations[operation];
    const before = vitals.cpu();
    for (let n = 0; n < count; n++) run();
    return (1_000 * (vitals.cpu() - before)) / count;
  },
  /** The same of decryptions on the threads of the pool, so many at a time. */
  async cpuOfDecryption(atOnce: number, count: number): Promise<number> {
    const key = await decryptionKey;
    const before = vitals.cpu();
    await inLanes(atOnce, Array(count).keys(), async () => {
      await webcrypto.subtle.decrypt({ name: 'RSA-OAEP' }, key, ciphertext);
    });
    return (1_000 * (vitals.cpu() - before)) / count;
  },
};

export type RsaCalls = typeof calls;

answerCalls(calls);
