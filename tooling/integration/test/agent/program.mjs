// Stands in for an HSM: makes an RSA key, keeps it, and does with it what is asked line by line.
import { constants, generateKeyPairSync, privateDecrypt, sign } from 'node:crypto';
import { createInterface } from 'node:readline';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pss = { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 190 };
const oaep = { key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' };
const operations = {
  sign: (bytes) => sign('sha512', bytes, pss),
  decrypt: (bytes) => privateDecrypt(oaep, bytes),
};
const say = (words) => process.stdout.write(`${JSON.stringify(words)}\n`);

say({ publicKey: publicKey.export({ type: 'spki', format: 'pem' }) });
for await (const line of createInterface({ input: process.stdin })) {
  const { id, operation, bytes } = JSON.parse(line);
  try {
    say({ id, bytes: operations[operation](Buffer.from(bytes, 'base64')).toString('base64') });
  } catch {
    say({ id });
  }
}
