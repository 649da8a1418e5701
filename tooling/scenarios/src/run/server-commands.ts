import type { ServerEvent } from '@sealwire/server';
import type { Commands } from '../language/compile.js';
import type { Words } from '../language/words.js';
import { fairNow } from '../wire/fair-clock.js';
import { upgradeRequest } from '../wire/http.js';
import { describe } from '../wire/seen.js';
import { clientBytes } from './client-bytes.js';
import { commonCommands } from './common-commands.js';
import { readWindow } from './deadline.js';
import { appCommands } from './server-app-commands.js';
import type { ServerStage } from './server-stage.js';
import { Mismatch } from './stage.js';

/** Every statement of a script against the server. */
export const serverCommands: Commands<ServerStage> = {
  ...commonCommands({
    ...clientBytes,
    /** The HTTP request; each text is one more header. */
    upgrade(words) {
      const path = words.maybe('path') ? words.word('the path') : '/';
      const headers: string[] = [];
      while (words.next?.kind === 'string') headers.push(words.string('a header'));
      return () => Buffer.from(upgradeRequest(path, headers));
    },
  }),
  dial(words, { peer }) {
    const node = readNode(words);
    return async (stage) => void (await stage.dial(peer, node));
  },
  connect(words, { peer }) {
    const node = readNode(words);
    return (stage) => stage.connect(peer, node);
  },
  /** A whole handshake. */
  login(words, { peer }) {
    const id = words.maybe('id') ? words.word('the id') : 'alice';
    const order = words.maybe('last-seen-order') ? words.number('LAST SEEN ORDER') : undefined;
    const sequence = words.maybe('last-seen-sequence') ? words.number('LAST SEEN SEQUENCE') : undefined;
    const node = readNode(words);
    return async (stage) => {
      await stage.connect(peer, node);
      const { part } = stage.peer(peer);
      const hello = part.helloPlaintext({
        id,
        ...(order === undefined ? {} : { lastSeenOrder: order(stage.variables) }),
      });
      await stage.peer(peer).send(part.encrypt(hello, 'server'));
      const welcome = await stage.peer(peer).next(fairNow() + 20_000);
      if (welcome?.kind !== 'welcome')
        throw new Mismatch(`no welcome, but ${welcome ? describe(welcome) : 'nothing'}`);
      if (sequence !== undefined && welcome.lastSeenSequence !== sequence(stage.variables)) {
        throw new Mismatch(`came instead: ${describe(welcome)}`);
      }
      await stage.peer(peer).send(part.proof());
      await stage.expect(peer, heartbeat, { within: 20_000, after: 0 });
    };
  },
  stop: () => (stage) => stage.stop(),
  start: () => (stage) => stage.start(),
  restart: () => (stage) => stage.restart(),
  /** New servers on an empty store. */
  fresh: () => (stage) => stage.fresh(),
  /** The disk below the stores. */
  store(words) {
    const what = words.oneOf('what the disk does', ['hold', 'release', 'full', 'free', 'raise-orders']);
    if (what === 'raise-orders') {
      const to = words.integer('the ORDER');
      return (stage) => stage.raiseOrders(to);
    }
    return ({ disk }) => {
      if (what === 'hold') disk.hold();
      else if (what === 'release') disk.release();
      else disk.fill(what === 'full');
    };
  },
  app: appCommands,
  /** An event of the server that came, or comes in time. */
  event(words) {
    const type = words.word('the type of the event');
    const fields: [string, string][] = [];
    while (!words.done && !['within', 'after'].includes(words.next?.text ?? '')) {
      fields.push([words.word('a field'), words.take('its value').text]);
    }
    const { within } = readWindow(words);
    return async ({ app }) => {
      const found = await app.watch.until(within, () =>
        app.events.find((event) => isEvent(event, type, fields)),
      );
      if (found === undefined)
        throw new Mismatch(`there were only ${app.events.map(({ type: name }) => name).join(', ')}`);
    };
  },
};

const heartbeat = {
  kinds: ['heartbeat'],
  matches: ({ kind }: { kind: string }) => kind === 'heartbeat',
} as const;

function readNode(words: Words): number {
  return words.maybe('to') ? words.count('the number of the node') : 1;
}

function isEvent(event: ServerEvent, type: string, fields: readonly [string, string][]): boolean {
  return (
    event.type === type &&
    fields.every(([name, wanted]) => {
      const value: unknown = Reflect.get(event, name);
      return String(value instanceof Error && 'code' in value ? value.code : value) === wanted;
    })
  );
}
