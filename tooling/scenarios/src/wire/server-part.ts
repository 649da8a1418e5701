import { randomBytes } from 'node:crypto';
import { type Person, people, type ServerKeyName, serverKeys } from './keys.js';
import {
  double,
  Fields,
  hyper,
  isPss,
  type Layout,
  oaep,
  opaque,
  open,
  seal,
  unOaep,
  word,
} from './protocol.js';
import type { SeenFact } from './seen.js';

export interface WelcomeFields {
  readonly challenge?: Buffer | undefined;
  readonly lastSeenSequence?: bigint | undefined;
  readonly aesKey?: Buffer | undefined;
}

/** The server of the protocol, as one connection of a script plays it. It does what it is told, wrong or right. */
export class ServerPart {
  readonly role = 'server';
  readonly layout: Layout;
  aesKey: Buffer = randomBytes(32);
  clientAesKey: Buffer | undefined;
  challenge: Buffer = Buffer.alloc(0);
  client: Person = 'alice';
  #proved = false;

  constructor(layout: Layout) {
    this.layout = layout;
  }

  welcomePlaintext(fields: WelcomeFields): Buffer {
    const { challenge = safeChallenge(), lastSeenSequence = -1n, aesKey = randomBytes(32) } = fields;
    this.challenge = challenge;
    this.aesKey = aesKey;
    return Buffer.concat([opaque(challenge), hyper(lastSeenSequence), opaque(aesKey)]);
  }

  encrypt(plaintext: Buffer, to: Person): Buffer {
    return oaep(people[to].publicKey, plaintext);
  }

  messagePlaintext(order: bigint, timestamp: number, json: Buffer): Buffer {
    return this.plaintext(1, Buffer.concat([hyper(order), double(timestamp), opaque(json)]));
  }

  answerPlaintext(requestId: bigint, json: Buffer): Buffer {
    return this.plaintext(2, Buffer.concat([hyper(requestId), opaque(json)]));
  }

  errorPlaintext(text: Buffer): Buffer {
    return this.plaintext(3, opaque(text));
  }

  plaintext(type: number, fields: Buffer): Buffer {
    return Buffer.concat([word(type), this.layout === 'documented' ? opaque(fields) : fields]);
  }

  seal(plaintext: Buffer, iv?: Buffer): Buffer {
    return seal(this.aesKey, plaintext, iv);
  }

  /** @throws Error for what no client should send */
  read(frame: Buffer): SeenFact {
    if (this.clientAesKey === undefined) return this.#readHello(frame);
    if (!this.#proved) {
      if (!isPss(people[this.client].publicKey, this.challenge, frame))
        throw new Error('the proof does not hold');
      this.#proved = true;
      return { kind: 'proof' };
    }
    const outer = new Fields(open(this.clientAesKey, frame));
    const signature = outer.opaque();
    const outerType = this.layout === 'documented' ? outer.word() : undefined;
    const data = outer.opaque();
    if (!isPss(people[this.client].publicKey, data, signature)) throw new Error('a signature does not hold');
    const fields = new Fields(data);
    const type = outerType ?? fields.word();
    if (type !== 1 && type !== 2) throw new Error(`MESSAGE TYPE ${type} is unknown`);
    const number = fields.hyper();
    const json = fields.opaque().toString();
    if (fields.rest.length + outer.rest.length > 0) throw new Error('there are bytes after the last field');
    return { kind: type === 1 ? 'message' : 'request', number, json };
  }

  #readHello(frame: Buffer): SeenFact {
    const names = Object.keys(serverKeys) as ServerKeyName[];
    const to = names.find((name) => modulusBytes(serverKeys[name].publicKey) === frame.length);
    if (to === undefined) throw new Error(`a hello of ${frame.length} bytes`);
    const hello = new Fields(unOaep(serverKeys[to].privateKey, frame));
    const id = hello.opaque().toString();
    const lastSeenOrder = hello.hyper();
    this.clientAesKey = hello.opaque();
    if (hello.rest.length > 0) throw new Error('there are bytes after the hello');
    if (id in people) this.client = id as Person;
    return { kind: 'hello', id, lastSeenOrder, to };
  }
}

/** Random bytes that the challenge guard lets pass, as docs/protocol.md says. */
function safeChallenge(): Buffer {
  const challenge = randomBytes(32);
  for (const at of [8, 12, 16]) challenge[at] = 0x7f;
  return challenge;
}

function modulusBytes(key: { asymmetricKeyDetails?: { modulusLength?: number } | undefined }): number {
  return Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
}
