import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';
import { crypto, timingSafeEqual } from '@sealwire/crypto';
import { payloadBytes } from '../lab/payload.js';
import { cycling, type Loops } from './loop.js';

/** Frames of one batch. */
export const batch = 64;

const key = crypto.randomBytes(32);
const macKey = crypto.randomBytes(32);
const sealer = crypto.createSealer(key);
const opener = crypto.createOpener(key);
const plaintexts = Array.from({ length: batch }, () => crypto.randomBytes(payloadBytes));
const frames = sealer.sealBatch(plaintexts);

/** As a hardened session does it: HMAC-SHA-256 over the number of the frame and what is in it. */
const number = new Uint8Array(8);
const deriveIv = (padded: Uint8Array) => crypto.hmacSha256(macKey, number, padded).subarray(0, 16);
const accept = (iv: Uint8Array, padded: Uint8Array) => timingSafeEqual(iv, deriveIv(padded));
const syntheticFrames = sealer.sealDerivedBatch(plaintexts, deriveIv);

/** One cipher object for each frame, as the documentation of Node has it; the key is imported once. */
const secret = createSecretKey(key);
function sealNaively(plaintext: Uint8Array): Uint8Array {
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-256-cbc', secret, iv);
  return Buffer.concat([iv, cipher.update(plaintext), cipher.final()]);
}
function openNaively(frame: Uint8Array): Uint8Array {
  const decipher = createDecipheriv('aes-256-cbc', secret, frame.subarray(0, 16));
  return Buffer.concat([decipher.update(frame.subarray(16)), decipher.final()]);
}

export const loops: Loops = {
  seal: { run: cycling(plaintexts, (plaintext) => sealer.seal(plaintext).length) },
  open: { run: cycling(frames, (frame) => opener.open(frame).length) },
  sealBatch: { operations: batch, run: () => sealer.sealBatch(plaintexts).length },
  openBatch: { operations: batch, run: () => opener.openBatch(frames).length },
  sealNaively: { run: cycling(plaintexts, (plaintext) => sealNaively(plaintext).length) },
  openNaively: { run: cycling(frames, (frame) => openNaively(frame).length) },
  sealSynthetic: { operations: batch, run: () => sealer.sealDerivedBatch(plaintexts, deriveIv).length },
  openSynthetic: {
    operations: batch,
    run: () => opener.openVerifiedBatch(syntheticFrames, accept).length,
  },
};
