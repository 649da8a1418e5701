import { crypto, type Opener, type PrivateKey, type Sealer } from '@sealwire/crypto';
import {
  decodeHello,
  decodeWelcome,
  encodeClientFrame,
  encodeHello,
  encodeSignedData,
  encodeWelcome,
  type Hello,
  type Layout,
  type Welcome,
} from '@sealwire/framing';
import { plainChallenge } from '../../src/index.js';
import { utf8 } from './bytes.js';
import { ClientSide, type ClientSideOptions } from './client-side.js';
import { clientKey, serverKey } from './keys.js';
import { ServerSide, type ServerSideOptions } from './server-side.js';

/** Carries frames between the two until both are quiet. */
export async function pump(client: ClientSide, server: ServerSide): Promise<void> {
  for (;;) {
    await client.work();
    await server.work();
    const up = client.take();
    const down = server.take();
    if (up.length + down.length === 0) return;
    server.session.receive(up);
    client.session.receive(down);
  }
}

export async function connected(
  clientOptions: ClientSideOptions = {},
  serverOptions: ServerSideOptions = {},
): Promise<{ client: ClientSide; server: ServerSide }> {
  const server = new ServerSide(serverOptions);
  const client = new ClientSide({ clock: server.clock, ...clientOptions });
  await pump(client, server);
  return { client, server };
}

/** A client made by hand, to send what no ClientSession sends. */
export interface RawClient {
  readonly server: ServerSide;
  readonly welcome: Welcome;
  readonly sealer: Sealer;
  readonly opener: Opener;
}

export const aesKey = crypto.sha256(utf8('the client of these tests'));

export async function hello(fields: Partial<Hello> = {}): Promise<Uint8Array> {
  const whole = { clientId: utf8('test'), lastSeenOrder: -1n, clientAesKey: aesKey, ...fields };
  return serverKey.publicKey.encrypt(encodeHello(whole));
}

/** A server that has sent its welcome and awaits the proof. */
export async function welcomed(
  options: ServerSideOptions = {},
  key: PrivateKey = clientKey,
  fields: Partial<Hello> = {},
): Promise<RawClient> {
  const server = new ServerSide({ clientKey: key.publicKey, ...options });
  await server.receive(await hello(fields));
  const [frame] = server.take();
  if (frame === undefined) throw new Error('there is no welcome');
  const welcome = decodeWelcome(await key.decrypt(frame));
  return {
    server,
    welcome,
    sealer: crypto.createSealer(fields.clientAesKey ?? aesKey),
    opener: crypto.createOpener(welcome.serverAesKey),
  };
}

/** A live server, and the means to send it any frame. */
export async function liveServer(
  options: ServerSideOptions = {},
  key: PrivateKey = clientKey,
  fields: Partial<Hello> = {},
): Promise<RawClient> {
  const raw = await welcomed(options, key, fields);
  await raw.server.receive(await key.sign(raw.welcome.dataToSign));
  raw.server.take();
  return raw;
}

/** The plaintext of a client's frame, signed. */
export async function signedFrame(
  type: 1 | 2,
  number: bigint,
  json: string,
  { layout = 'documented', key = clientKey }: { layout?: Layout; key?: PrivateKey } = {},
): Promise<Uint8Array> {
  const data = encodeSignedData(layout, type, number, utf8(json));
  return encodeClientFrame(layout, type, data, await key.sign(data));
}

/** A server made by hand, to send what no ServerSession sends. */
export interface RawServer {
  readonly client: ClientSide;
  readonly hello: Hello;
  readonly sealer: Sealer;
  readonly opener: Opener;
}

export const serverAesKey = crypto.sha256(utf8('the server of these tests'));

export function welcomeOf(fields: Partial<Welcome> = {}): Welcome {
  const dataToSign = plainChallenge((length) => crypto.randomBytes(length));
  return { dataToSign, lastSeenSequence: -1n, serverAesKey, ...fields };
}

/** A client that has sent its hello and awaits the welcome. */
export async function greeted(
  options: ClientSideOptions = {},
): Promise<{ client: ClientSide; hello: Hello }> {
  const client = new ClientSide(options);
  await client.work();
  const [frame] = client.take();
  if (frame === undefined) throw new Error('there is no hello');
  return { client, hello: decodeHello(await serverKey.decrypt(frame)) };
}

/** A client that was sent a welcome with these fields. */
export async function welcomedClient(
  fields: Partial<Welcome>,
  options: ClientSideOptions = {},
): Promise<ClientSide> {
  const { client } = await greeted(options);
  const key = options.clientKey ?? clientKey;
  await client.receive(await key.publicKey.encrypt(encodeWelcome(welcomeOf(fields))));
  return client;
}

/** A client that has sent its proof, and the means to send it any frame. */
export async function readyClient(
  options: ClientSideOptions = {},
  fields: Partial<Welcome> = {},
): Promise<RawServer> {
  const { client, hello: received } = await greeted(options);
  const key = options.clientKey ?? clientKey;
  const welcome = welcomeOf(fields);
  await client.receive(await key.publicKey.encrypt(encodeWelcome(welcome)));
  client.take();
  return {
    client,
    hello: received,
    sealer: crypto.createSealer(welcome.serverAesKey),
    opener: crypto.createOpener(received.clientAesKey),
  };
}
