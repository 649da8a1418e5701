import { expect, it } from 'vitest';
import { type Link, type LinkEvents, memoryTransport } from '../src/index.js';
import { type LinkSuiteSubject, linkSuite } from '../src/testkit.js';

const end = { holdsBack: true, pausing: true, pinging: true, hearing: true, cutting: true, allCodes: true };
const closeTimeout = 200;

type Dial = ReturnType<typeof memoryTransport>['dial'];

interface Broken {
  change(link: Link): Link;
  sendCloseCode?(dial: Dial, code: number): Promise<void>;
}

/** The facts of the suite, by name, for links that were changed. */
function facts({ change, sendCloseCode }: Broken): Map<string, () => Promise<void>> {
  const { dial, listen } = memoryTransport({ closeTimeout });
  const found = new Map<string, () => Promise<void>>();
  const subject: LinkSuiteSubject = {
    name: 'broken',
    listen: (accept) => listen((link) => accept(change(link))),
    dialer: () => async (options) => change(await dial(options)),
    client: end,
    server: end,
    closeTimeout,
    ...(sendCloseCode && { sendCloseCode: (_, code) => sendCloseCode(dial, code) }),
  };
  linkSuite({ describe: (_, add) => add(), it: (name, fact) => found.set(name, fact) }, subject);
  return found;
}

/** Which of the facts whose names match fail. */
async function failures(names: RegExp, broken: Broken): Promise<string[]> {
  const chosen = [...facts(broken).keys()].filter((name) => names.test(name));
  expect(chosen).not.toEqual([]);
  const failed: string[] = [];
  // Side by side, each with a transport of its own: one that waits for an event that never comes takes 10 s.
  const run = (name: string) =>
    facts(broken)
      .get(name)?.()
      .catch(() => failed.push(name));
  await Promise.all(chosen.map(run));
  return failed.sort();
}

/** The link with some of its members replaced. */
function replacing(link: Link, members: Partial<Link>): Link {
  return new Proxy(link, {
    get(target, name) {
      const found: unknown = Reflect.get(name in members ? members : target, name, target);
      return typeof found === 'function' && !(name in members) ? found.bind(target) : found;
    },
  });
}

/** The events with `close` or `drain` replaced. */
function telling(events: LinkEvents, other: Partial<LinkEvents>): LinkEvents {
  return {
    frames: (frames) => events.frames(frames),
    text: () => events.text(),
    drain: () => events.drain(),
    pong: () => events.pong(),
    close: (close) => events.close(close),
    ...other,
  };
}

it('passes a link that is whole', async () => {
  expect(await failures(/drain|1012|4999/, { change: (link) => link })).toEqual([]);
});

it('finds a link that tells no drain where only a little was left, as a stream of Node does', {
  timeout: 60_000,
}, async () => {
  const naive = (link: Link) => {
    let needsDrain = false;
    return replacing(link, {
      start: (events) =>
        link.start(
          telling(events, {
            drain() {
              if (needsDrain) events.drain();
              needsDrain = false;
            },
          }),
        ),
      send(frames) {
        link.send(frames);
        needsDrain ||= link.bufferedBytes >= 16_384;
      },
    });
  };
  expect(await failures(/drain/, { change: naive })).toEqual([
    'drains also where only a little was left for the client',
    'drains also where only a little was left for the server',
  ]);
});

it('finds a link that closes with another code than it was told', async () => {
  const forgetful = (link: Link) =>
    replacing(link, { close: (code, reason) => link.close(code === 1012 ? 1000 : code, reason) });
  expect(await failures(/closed with/, { change: forgetful })).toEqual([
    'tells 1012 to both ends of a link closed with 1012 (client)',
    'tells 1012 to both ends of a link closed with 1012 (server)',
  ]);
});

it('finds a link that believes every code of its peer', async () => {
  let code = 0;
  const gullible = (link: Link) =>
    replacing(link, {
      start: (events) =>
        link.start(telling(events, { close: ({ reason }) => events.close({ code, reason }) })),
    });
  const sendCloseCode = async (dial: Dial, sent: number) => {
    code = sent;
    const link = await dial({ signal: new AbortController().signal });
    link.close(4000, '');
  };
  expect(await failures(/no code of a peer/, { change: gullible, sendCloseCode })).toEqual([
    'tells no code of a peer that no close frame may carry',
  ]);
});
