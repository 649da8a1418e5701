import { crypto, type PrivateKey, type PublicKey, type Sealer } from '@sealwire/crypto';
import {
  decodeWelcome,
  encodeClientFrame,
  encodeHello,
  encodeSignedData,
  type Hello,
  MessageType,
  type Welcome,
} from '@sealwire/framing';
import { RawClient } from './raw-client.js';

const utf8 = new TextEncoder();

export function helloOf(clientId: string, fields: Partial<Hello> = {}): Hello {
  return {
    clientId: utf8.encode(clientId),
    lastSeenOrder: -1n,
    clientAesKey: crypto.randomBytes(32),
    ...fields,
  };
}

export interface Met {
  readonly client: RawClient;
  readonly hello: Hello;
  readonly welcome: Welcome;
}

/** Hello and welcome. */
export async function meet(
  port: number,
  serverKey: PublicKey,
  key: PrivateKey,
  hello: Hello = helloOf('alice'),
): Promise<Met> {
  const client = await RawClient.connect(port);
  client.send(await serverKey.encrypt(encodeHello(hello)));
  const frame = await client.next();
  if (frame === undefined) throw new Error('no welcome came');
  return { client, hello, welcome: decodeWelcome(await key.decrypt(frame.payload)) };
}

export interface LoggedIn extends Met {
  readonly sealer: Sealer;
}

/** A whole handshake; a session of the document unless `accepted`. Resolves with the first heartbeat. */
export async function logIn(
  port: number,
  serverKey: PublicKey,
  key: PrivateKey,
  accepted = false,
  hello: Hello = helloOf('alice'),
): Promise<LoggedIn> {
  const met = await meet(port, serverKey, key, hello);
  const { dataToSign } = met.welcome;
  met.client.send(await key.sign(accepted ? Uint8Array.of(...dataToSign, 0, 0, 0, 1) : dataToSign));
  const first = await met.client.next();
  if (first?.payload.length !== 1) throw new Error('the server did not take the proof');
  return { ...met, sealer: crypto.createSealer(met.hello.clientAesKey) };
}

/** The plaintext of a MESSAGE, signed. */
export async function messagePlaintext(key: PrivateKey, sequence = 0n): Promise<Uint8Array> {
  const data = encodeSignedData('documented', MessageType.MESSAGE, sequence, utf8.encode('{}'));
  return encodeClientFrame('documented', MessageType.MESSAGE, data, await key.sign(data));
}
