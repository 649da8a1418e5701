import type { Commands } from '../language/compile.js';
import { fairNow } from '../wire/fair-clock.js';
import { refusal, upgradeAnswer } from '../wire/http.js';
import { describe } from '../wire/seen.js';
import { clientAppCommands } from './client-app-commands.js';
import type { ClientStage } from './client-stage.js';
import { commonCommands, readPieces } from './common-commands.js';
import { readWindow } from './deadline.js';
import { serverBytes } from './server-bytes.js';
import { Mismatch } from './stage.js';

/** Every statement of a script against the client. */
export const clientCommands: Commands<ClientStage> = {
  ...commonCommands(serverBytes),
  /** The TCP connection alone; `upgrade` or `refuse` comes next. */
  take(words, { peer }) {
    const { within } = readWindow(words);
    return async (stage) => void (await stage.take(peer, within));
  },
  /** Answers the upgrade request; each text is one more header. */
  upgrade(words, { peer }) {
    const headers: string[] = [];
    while (words.next?.kind === 'string') headers.push(words.string('a header'));
    const size = words.maybe('in') ? readPieces(words) : undefined;
    return async (stage) => {
      const head = await stage.head(peer);
      await stage.peer(peer).writeInPieces(Buffer.from(upgradeAnswer(head, headers)), size);
    };
  },
  /** Answers the upgrade request with another HTTP status. */
  refuse(words, { peer }) {
    const status = words.count('the HTTP status');
    const headers: string[] = [];
    while (!words.done) headers.push(words.string('a header'));
    return async (stage) => {
      await stage.head(peer);
      await stage.peer(peer).write(Buffer.from(refusal(status, headers)));
      stage.peer(peer).fin();
    };
  },
  accept(words, { peer }) {
    const { within } = readWindow(words);
    return async (stage) => void (await stage.accept(peer, within));
  },
  /** A whole handshake. */
  admit(words, { peer }) {
    const order = words.maybe('last-seen-order') ? words.number('LAST SEEN ORDER') : undefined;
    const sequence = words.maybe('last-seen-sequence') ? words.number('LAST SEEN SEQUENCE') : undefined;
    const { within } = readWindow(words);
    return async (stage) => {
      const accepted = await stage.accept(peer, within);
      const hello = await accepted.next(fairNow() + 20_000);
      const wanted = order?.(stage.variables);
      if (hello?.kind !== 'hello' || (wanted !== undefined && hello.lastSeenOrder !== wanted)) {
        throw new Mismatch(`no such hello, but ${hello ? describe(hello) : 'nothing'}`);
      }
      const welcome = accepted.part.welcomePlaintext({ lastSeenSequence: sequence?.(stage.variables) });
      await accepted.send(accepted.part.encrypt(welcome, accepted.part.client));
      const proof = await accepted.next(fairNow() + 20_000);
      if (proof?.kind !== 'proof') throw new Mismatch(`no proof, but ${proof ? describe(proof) : 'nothing'}`);
      await accepted.send(Buffer.of(0));
    };
  },
  /** Heartbeats from now on. */
  beat(words, { peer }) {
    const interval = words.maybe('every') ? words.duration('the time') : 1_000;
    return (stage) => stage.peer(peer).beat(Buffer.of(0), interval);
  },
  /** The client does not dial for so long. */
  idle(words) {
    const duration = words.duration('the time');
    return (stage) => stage.noDial(duration);
  },
  /** Nobody listens at the address of the server, until `listen`. */
  unlisten: () => (stage) => stage.unlisten(),
  listen: () => (stage) => stage.listen(),
  /** This process is held up for so long; what it has written just before lies unread in the client's socket. */
  stall(words, { peer }) {
    const duration = words.duration('the time');
    return (stage) => stage.peer(peer).sendAndStall(Buffer.of(0), duration);
  },
  app: clientAppCommands,
};
