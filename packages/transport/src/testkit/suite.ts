import type { Dialer, Link, Listen, Listener } from '../link.js';
import { closeFacts } from './close-facts.js';
import { dialFacts } from './dial-facts.js';
import { flowFacts } from './flow-facts.js';
import { frameFacts } from './frame-facts.js';

/** The two functions that every test runner has. */
export interface SuiteRunner {
  describe(name: string, facts: () => void): void;
  it(name: string, fact: () => Promise<void>): void;
}

/** What one end can do; the suite checks both what is claimed and what is not. */
export interface EndCapabilities {
  /** Stops reading before `start` and while paused, so that the sender feels it. False for a browser's WebSocket. */
  readonly holdsBack: boolean;
  readonly pausing: boolean;
  readonly pinging: boolean;
  /** Tells by `silentFor` when the last byte came. False for a browser's WebSocket. */
  readonly hearing: boolean;
  /** `terminate` cuts the connection, so that the peer sees 1006. False for a browser: there the peer sees 1005. */
  readonly cutting: boolean;
  /** Closes with every code that may be sent. False for a browser: there all but 1000 and 3000 to 4999 become 1000. */
  readonly allCodes: boolean;
}

/** The transport under test. */
export interface LinkSuiteSubject {
  readonly name: string;
  readonly listen: Listen;
  /** A dialer to a listener that `listen` has made. */
  dialer(url: string): Dialer;
  /** What the end that dials can do. */
  readonly client: EndCapabilities;
  /** What the end that accepts can do. */
  readonly server: EndCapabilities;
  /** Milliseconds after which an end gives up waiting for the peer to confirm its close. Default 2,000. */
  readonly closeTimeout?: number;
  /** Connects to the listener and sends one text message, if the transport has such a thing. */
  sendText?(url: string): Promise<void>;
  /** Connects to the listener and closes with a code that no link sends, if the transport can carry such a thing. */
  sendCloseCode?(url: string, code: number): Promise<void>;
}

/** A connected pair, and how to clean up after it. */
export interface OpenPair {
  readonly client: Link;
  readonly server: Link;
  readonly listener: Listener;
}

/** Runs one fact on a fresh pair. */
export type OnPair = (name: string, fact: (pair: OpenPair) => Promise<void>) => void;

/**
 * What every transport has to fulfil. Each fact opens its own listener and links, so the facts may run in any order.
 * @example linkSuite({ describe, it }, { name: 'mine', listen, dialer, client: all, server: all });
 */
export function linkSuite({ describe, it }: SuiteRunner, subject: LinkSuiteSubject): void {
  const onPair: OnPair = (name, fact) =>
    it(name, async () => {
      const pair = await openPair(subject);
      try {
        await fact(pair);
      } finally {
        pair.client.terminate();
        pair.server.terminate();
        await pair.listener.close();
      }
    });

  describe(`link: ${subject.name}`, () => {
    frameFacts(onPair);
    closeFacts(it, onPair, subject);
    flowFacts(onPair, subject);
    dialFacts(it, onPair, subject);
  });
}

async function openPair(subject: LinkSuiteSubject): Promise<OpenPair> {
  let onAccept: (link: Link) => void = () => {};
  const accepted = new Promise<Link>((resolve) => {
    onAccept = resolve;
  });
  const listener = await subject.listen((link) => onAccept(link));
  try {
    const client = await subject.dialer(listener.url)({ signal: new AbortController().signal });
    return { client, server: await accepted, listener };
  } catch (error) {
    await listener.close();
    throw error;
  }
}
