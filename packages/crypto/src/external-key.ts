import { lessThan, timingSafeEqual } from './bytes.js';
import { CryptoError } from './errors.js';
import { readPublicKeyFile } from './key-file.js';
import { OperationGate } from './operation-gate.js';
import type { ExternalKeyOperations, ExternalKeyOptions, PrivateKey, PublicKey } from './types.js';
import { undecryptable } from './undecryptable.js';

/** No message of the protocol reads like this, so its signature is worth nothing to whoever sees it. */
const SELF_TEST = 'sealwire: self-test of an external private key';
/** How much of the text of a device's error is kept. */
const MAX_REASON = 200;

/**
 * A private key whose bytes are elsewhere: in an HSM, a smart card, an agent or a key service. `operations` are asked
 * where an imported key would compute; what goes to them and what comes back is checked here. Each is tried once
 * before this resolves.
 *
 * Rejects with `E_ARGUMENT`; with `E_EXTERNAL` if the device does not answer the request to sign; with
 * `E_KEY_MISMATCH` if it signs or decrypts in another way than {@link PrivateKey} says, or with another key.
 */
export async function externalPrivateKey(
  publicKey: PublicKey,
  operations: ExternalKeyOperations,
  options: ExternalKeyOptions = {},
): Promise<PrivateKey> {
  if (typeof publicKey?.verify !== 'function') {
    throw new CryptoError('E_ARGUMENT', 'publicKey is a public key of importPublicKey.');
  }
  const { sign, decrypt } = operations ?? {};
  if (typeof decrypt !== 'function' || (sign !== undefined && typeof sign !== 'function')) {
    throw new CryptoError('E_ARGUMENT', '`decrypt`, and `sign` if it is given, return promises of bytes.');
  }
  const key = new ExternalPrivateKey(publicKey, operations, new OperationGate(options));
  const text = new TextEncoder().encode(SELF_TEST);
  if (sign !== undefined) await key.sign(text);
  await checkDecryption(key, text);
  return key;
}

class ExternalPrivateKey implements PrivateKey {
  readonly publicKey: PublicKey;
  readonly #operations: ExternalKeyOperations;
  readonly #gate: OperationGate;
  readonly #modulus: Uint8Array;

  constructor(publicKey: PublicKey, operations: ExternalKeyOperations, gate: OperationGate) {
    this.publicKey = publicKey;
    this.#operations = operations;
    this.#gate = gate;
    this.#modulus = readPublicKeyFile(publicKey.spki).n;
  }

  async decrypt(ciphertext: Uint8Array): Promise<Uint8Array> {
    const asked = Uint8Array.from(ciphertext);
    if (asked.length !== this.#modulus.length || !lessThan(asked, this.#modulus)) throw undecryptable();
    return this.#gate.run(async () => {
      try {
        const answer = plain(await this.#operations.decrypt(asked));
        if (answer !== undefined && answer.length <= this.publicKey.maxPlaintext) return answer;
      } catch {
        // As with every key: which step failed is not kept, not even as a cause. The callback can log it.
      }
      throw undecryptable();
    });
  }

  async sign(data: Uint8Array): Promise<Uint8Array> {
    const { sign } = this.#operations;
    if (sign === undefined) {
      throw new CryptoError(
        'E_EXTERNAL',
        'The external key was made without `sign`: it will do for a server only.',
      );
    }
    const asked = Uint8Array.from(data);
    return this.#gate.run(async () => {
      let signature: Uint8Array | undefined;
      try {
        signature = plain(await sign.call(this.#operations, asked.slice()));
      } catch (error) {
        throw new CryptoError('E_EXTERNAL', 'The external key did not sign. See `cause`.', {
          cause: reason(error),
        });
      }
      if (signature !== undefined && (await this.publicKey.verify(asked, signature))) return signature;
      throw new CryptoError(
        'E_KEY_MISMATCH',
        'The external key gave something else than an RSASSA-PSS signature with SHA-512 and the longest salt by this key. It was not used.',
      );
    });
  }

  async toPem(): Promise<string> {
    throw new CryptoError('E_NOT_EXTRACTABLE', 'The key is not in this program, so it cannot be handed out.');
  }
}

async function checkDecryption(key: PrivateKey, text: Uint8Array): Promise<void> {
  const opened = await key.decrypt(await key.publicKey.encrypt(text)).catch(() => undefined);
  if (opened === undefined || !timingSafeEqual(opened, text)) {
    throw new CryptoError(
      'E_KEY_MISMATCH',
      'The external key does not decrypt what was encrypted to its public key with RSAES-OAEP, SHA-1 and no label.',
    );
  }
}

/** A copy of no subclass, which the callback cannot change any more. */
function plain(answer: unknown): Uint8Array | undefined {
  return answer instanceof Uint8Array ? Uint8Array.from(answer) : undefined;
}

/** Name, code and text only: errors of clients for key services carry whole requests, with credentials and data. */
function reason(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('the callback threw what is no Error');
  const kept = new Error(error.message.slice(0, MAX_REASON));
  kept.name = error.name;
  return 'code' in error ? Object.assign(kept, { code: String(error.code).slice(0, MAX_REASON) }) : kept;
}
