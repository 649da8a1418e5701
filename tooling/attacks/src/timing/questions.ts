import { crypto } from '@sealwire/crypto';
import { encodeHello } from '@sealwire/framing';
import { helloOf, logIn, meet, messagePlaintext } from '../handshake.js';
import { aliceKey, publicKeys } from '../keys.js';
import { opcodes, RawClient } from '../raw-client.js';
import { laneId } from './lanes.js';

/** Does everything but the last step, and gives that: the time from it to the close is measured. */
export type Question = (
  port: number,
  lane: number,
) => Promise<{ readonly client: RawClient; readonly ask: () => void }>;

export interface Pair {
  readonly name: string;
  readonly questions: readonly [Question, Question];
  /** How many are asked at one time; those that wait for a timer do not disturb each other. */
  readonly lanes: number;
  /** These two are known to differ: a measurement that does not see it sees nothing. */
  readonly control?: true;
}

const message = await messagePlaintext(aliceKey);

/** On a live session of the document. */
function frame(make: (seal: (plaintext: Uint8Array) => Uint8Array) => Uint8Array, opcode?: number): Question {
  return async (port, lane) => {
    const hello = helloOf(laneId(lane));
    const { client, sealer } = await logIn(port, publicKeys.server, aliceKey, false, hello);
    const bytes = make((plaintext) => sealer.seal(plaintext));
    sealer.destroy();
    return { client, ask: () => client.send(bytes, opcode) };
  };
}

function hello(make: () => Promise<Uint8Array> | Uint8Array): Question {
  return async (port) => {
    const [client, bytes] = [await RawClient.connect(port), await make()];
    return { client, ask: () => client.send(bytes) };
  };
}

const badSignature = frame((seal) => seal(message.with(100, (message[100] ?? 0) ^ 1)));
/** The last byte of the padding is above 16 then. */
const badPadding = frame((seal) => {
  const sealed = seal(message);
  return sealed.with(-17, (sealed.at(-17) ?? 0) ^ 0x80);
});
const badXdr = frame((seal) => {
  const changed = message.slice();
  new DataView(changed.buffer).setInt32(260, 4);
  return seal(changed);
});
const text = frame(() => new Uint8Array(304).fill(0x20), opcodes.text);

const badOaep = hello(() => crypto.randomBytes(256).fill(0, 0, 1));
const badHello = hello(() => publicKeys.server.encrypt(encodeHello(helloOf('alice')).subarray(0, -4)));
const unknownClient: Question = async (port) => {
  const client = await RawClient.connect(port);
  client.send(await publicKeys.server.encrypt(encodeHello(helloOf('nobody'))));
  const welcome = await client.next();
  const proof = crypto.randomBytes(welcome?.payload.length ?? 256).fill(0, 0, 1);
  return { client, ask: () => client.send(proof) };
};
const badProof: Question = async (port) => {
  const { client } = await meet(port, publicKeys.server, aliceKey);
  return { client, ask: () => client.send(crypto.randomBytes(256).fill(0, 0, 1)) };
};

export const pairs: readonly Pair[] = [
  { name: 'frame: bad padding, bad signature', questions: [badPadding, badSignature], lanes: 16 },
  { name: 'frame: bad XDR, bad signature', questions: [badXdr, badSignature], lanes: 16 },
  { name: 'hello: bad OAEP, bad XDR', questions: [badOaep, badHello], lanes: 16 },
  { name: 'proof: unknown client, bad signature', questions: [unknownClient, badProof], lanes: 16 },
  { name: 'control: text, bad signature', questions: [text, badSignature], lanes: 16, control: true },
];
