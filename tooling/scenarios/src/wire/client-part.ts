import { randomBytes } from 'node:crypto';
import { type KeyPair, type Person, people, type ServerKeyName, serverKeys } from './keys.js';
import { Fields, hyper, type Layout, oaep, opaque, open, pss, seal, unOaep, word } from './protocol.js';
import type { SeenFact } from './seen.js';

export interface HelloFields {
  readonly id?: string;
  readonly lastSeenOrder?: bigint;
  readonly aesKey?: Buffer;
}

export interface SignedFields {
  readonly signature?: Buffer | undefined;
  readonly signedBy?: Person | ServerKeyName | undefined;
  readonly type?: number | undefined;
}

/** The client of the protocol, as one connection of a script plays it. It does what it is told, wrong or right. */
export class ClientPart {
  readonly role = 'client';
  readonly layout: Layout;
  key: KeyPair = people.alice;
  aesKey: Buffer = randomBytes(32);
  serverAesKey: Buffer | undefined;
  challenge: Buffer = Buffer.alloc(0);

  constructor(layout: Layout) {
    this.layout = layout;
  }

  /** The connection is this client's from now on. */
  helloPlaintext({ id = 'alice', lastSeenOrder = -1n, aesKey = randomBytes(32) }: HelloFields): Buffer {
    this.key = id in people ? people[id as Person] : people.alice;
    this.aesKey = aesKey;
    return Buffer.concat([opaque(Buffer.from(id)), hyper(lastSeenOrder), opaque(aesKey)]);
  }

  encrypt(plaintext: Buffer, to: ServerKeyName): Buffer {
    return oaep(serverKeys[to].publicKey, plaintext);
  }

  /** A key by its name, or else this client's. */
  keyOf(name: Person | ServerKeyName | undefined): KeyPair {
    return name === undefined ? this.key : { ...people, ...serverKeys }[name];
  }

  proof(): Buffer {
    return pss(this.key.privateKey, this.challenge);
  }

  /** The bytes under the signature. */
  data(type: number, number: bigint, payload: Buffer): Buffer {
    const body = Buffer.concat([hyper(number), opaque(payload)]);
    return this.layout === 'documented' ? body : Buffer.concat([word(type), body]);
  }

  framePlaintext(type: number, number: bigint, payload: Buffer, odd: SignedFields = {}): Buffer {
    const outerType = odd.type ?? type;
    const data = this.data(outerType, number, payload);
    const signature = opaque(odd.signature ?? pss(this.keyOf(odd.signedBy).privateKey, data));
    return Buffer.concat(
      this.layout === 'documented' ? [signature, word(outerType), opaque(data)] : [signature, opaque(data)],
    );
  }

  seal(plaintext: Buffer, iv?: Buffer): Buffer {
    return seal(this.aesKey, plaintext, iv);
  }

  /** @throws Error for what no server should send */
  read(frame: Buffer): SeenFact {
    if (this.serverAesKey === undefined) return this.#readWelcome(frame);
    if (frame.length === 1 && frame[0] === 0) return { kind: 'heartbeat' };
    const outer = new Fields(open(this.serverAesKey, frame));
    const type = outer.word();
    const fields = this.layout === 'documented' ? new Fields(outer.opaque()) : outer;
    const fact = readServerFields(type, fields);
    if (fields.rest.length + outer.rest.length > 0) throw new Error('there are bytes after the last field');
    return fact;
  }

  #readWelcome(frame: Buffer): SeenFact {
    let plaintext: Buffer;
    try {
      plaintext = unOaep(this.key.privateKey, frame);
    } catch {
      return { kind: 'unreadable' };
    }
    const welcome = new Fields(plaintext);
    this.challenge = welcome.opaque();
    const lastSeenSequence = welcome.hyper();
    this.serverAesKey = welcome.opaque();
    if (welcome.rest.length > 0) throw new Error('there are bytes after the welcome');
    if (this.serverAesKey.length !== 32) throw new Error('the SERVER AES KEY has not 32 bytes');
    return { kind: 'welcome', lastSeenSequence };
  }
}

function readServerFields(type: number, fields: Fields): SeenFact {
  if (type === 3) return { kind: 'error', text: fields.opaque().toString() };
  if (type !== 1 && type !== 2) throw new Error(`MESSAGE TYPE ${type} is unknown`);
  const number = fields.hyper();
  if (type === 1 && !Number.isFinite(fields.double())) throw new Error('the TIMESTAMP is not finite');
  const json = fields.opaque().toString();
  return { kind: type === 1 ? 'message' : 'answer', number, json };
}
