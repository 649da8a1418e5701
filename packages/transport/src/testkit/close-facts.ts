import { isCloseCode } from '../close-codes.js';
import type { Link } from '../link.js';
import { assert, codeOfFailure, equal, turn } from './assert.js';
import { Recorder } from './recorder.js';
import type { LinkSuiteSubject, OnPair, OpenPair, SuiteRunner } from './suite.js';

/** Of both ranges, and what servers tell clients. */
const meaningfulCodes = [1001, 1002, 1003, 1008, 1009, 1011, 1012, 1013, 1014, 3000, 4999];
/** Some are for what no close frame said, so that a peer must not be able to say them; the rest mean nothing. */
const unsendableCodes = [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65_535];

const defaultCloseTimeout = 2_000;
/** Milliseconds that a busy machine may be late. */
const lateness = 2_000;

/** One fact for each end as the one that acts. */
function eitherEnd(onPair: OnPair, name: string, fact: (actor: Link, peer: Link) => Promise<void>): void {
  onPair(`${name} (client)`, ({ client, server }: OpenPair) => fact(client, server));
  onPair(`${name} (server)`, ({ client, server }: OpenPair) => fact(server, client));
}

export function closeFacts(it: SuiteRunner['it'], onPair: OnPair, subject: LinkSuiteSubject): void {
  eitherEnd(onPair, 'delivers what was sent before a close, then code and reason', async (actor, peer) => {
    const [atActor, atPeer] = [new Recorder(actor), new Recorder(peer)];
    actor.send([Uint8Array.of(1), new Uint8Array(peer.maxFrameBytes), Uint8Array.of(2)]);
    atActor.inside(() => actor.close(4321, 'grüße'));
    const close = await atPeer.closed();
    equal(close.code, 4321, 'code at the peer');
    equal(close.reason, 'grüße', 'reason at the peer');
    equal((await atPeer.count(3)).length, 3, 'frames at the peer');
    equal((await atActor.closed()).code, 4321, 'code at the one who closed');
  });

  eitherEnd(onPair, 'closes with 1000 and no reason', async (actor, peer) => {
    const [atActor, atPeer] = [new Recorder(actor), new Recorder(peer)];
    actor.close(1000, '');
    const close = await atPeer.closed();
    equal(close.code, 1000, 'code at the peer');
    equal(close.reason, '', 'reason at the peer');
    equal((await atActor.closed()).code, 1000, 'code at the one who closed');
  });

  for (const end of ['client', 'server'] as const) {
    for (const code of meaningfulCodes) {
      const seen = subject[end].allCodes || code >= 3000 ? code : 1000;
      onPair(`tells ${seen} to both ends of a link closed with ${code} (${end})`, async (pair) => {
        const [actor, peer] = end === 'client' ? [pair.client, pair.server] : [pair.server, pair.client];
        const [atActor, atPeer] = [new Recorder(actor), new Recorder(peer)];
        actor.close(code, '');
        equal((await atPeer.closed()).code, seen, 'code at the peer');
        equal((await atActor.closed()).code, seen, 'code at the one who closed');
      });
    }
  }

  eitherEnd(onPair, 'tells each end once when both close, and nothing later', async (actor, peer) => {
    const [atActor, atPeer] = [new Recorder(actor), new Recorder(peer)];
    actor.close(4001, '');
    peer.close(4002, '');
    for (const recorder of [atActor, atPeer]) {
      const { code } = await recorder.closed();
      assert(code === 4001 || code === 4002, `code ${code} is neither of the two`);
    }
    for (const link of [actor, peer]) {
      link.close(1000, 'again');
      link.send([Uint8Array.of(1)]);
      link.terminate();
      link.pinging?.ping();
    }
    await turn();
    equal(atActor.closes.length + atPeer.closes.length, 2, 'close events');
    equal((await atActor.count(0)).length + (await atPeer.count(0)).length, 0, 'frames');
  });

  for (const end of ['client', 'server'] as const) {
    const seen = subject[end].cutting ? 1006 : 1005;
    onPair(`tells 1006 to the owner of a terminated link and ${seen} to the peer (${end})`, async (pair) => {
      const [actor, peer] = end === 'client' ? [pair.client, pair.server] : [pair.server, pair.client];
      const [atActor, atPeer] = [new Recorder(actor), new Recorder(peer)];
      atActor.inside(() => actor.terminate());
      equal((await atActor.closed()).code, 1006, 'code at the one who terminated');
      equal((await atPeer.closed()).code, seen, 'code at the peer');
    });
  }

  for (const [end, other] of [
    ['client', 'server'],
    ['server', 'client'],
  ] as const) {
    // An end that cannot hold back confirms a close by itself, started or not.
    if (!subject[other].holdsBack) continue;
    onPair(`ends with 1006 in time when the peer never confirms its close (${end})`, async (pair) => {
      const atActor = new Recorder(pair[end]);
      pair[end].close(4000, 'nobody reads this');
      const { code } = await atActor.closed((subject.closeTimeout ?? defaultCloseTimeout) + lateness);
      equal(code, 1006, 'code at the one who closed');
    });
  }

  eitherEnd(onPair, 'tells the owner nothing but close once it has closed', async (actor, peer) => {
    const [atActor, atPeer] = [new Recorder(actor), new Recorder(peer)];
    peer.send([Uint8Array.of(1), Uint8Array.of(2)]);
    atActor.inside(() => actor.close(1000, ''));
    actor.send([Uint8Array.of(3)]);
    await atActor.closed();
    await atPeer.closed();
    equal((await atActor.count(0)).length, 0, 'frames at the one who closed');
    equal((await atPeer.count(0)).length, 0, 'frames sent after the close');
  });

  eitherEnd(onPair, 'keeps a close that comes before start for start', async (actor, peer) => {
    const atActor = new Recorder(actor);
    actor.send([Uint8Array.of(1)]);
    actor.close(4000, 'early');
    await turn();
    const atPeer = new Recorder(peer);
    equal((await atPeer.closed()).code, 4000, 'code at the peer');
    equal((await atPeer.count(1)).length, 1, 'frames before the close');
    await atActor.closed();
  });

  eitherEnd(onPair, 'closes from inside the frames event', async (actor, peer) => {
    const closer = new Recorder(actor);
    const deliver = closer.frames.bind(closer);
    closer.frames = (frames) => {
      deliver(frames);
      actor.close(4004, '');
    };
    const atPeer = new Recorder(peer);
    peer.send([Uint8Array.of(1)]);
    equal((await closer.closed()).code, 4004, 'code at the one who closed');
    equal((await atPeer.closed()).code, 4004, 'code at the peer');
  });

  eitherEnd(onPair, 'refuses codes that no close frame may carry', async (actor, peer) => {
    new Recorder(actor);
    const atPeer = new Recorder(peer);
    for (const code of [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 1000.5, Number.NaN]) {
      equal(await codeOfFailure(() => actor.close(code, '')), 'E_CLOSE_CODE', `close(${code})`);
    }
    actor.send([Uint8Array.of(1)]);
    equal((await atPeer.count(1)).length, 1, 'frames on a link that is still open');
  });

  eitherEnd(onPair, 'cuts a long reason between two characters', async (actor, peer) => {
    new Recorder(actor);
    const atPeer = new Recorder(peer);
    actor.close(4000, 'é'.repeat(200));
    equal((await atPeer.closed()).reason, 'é'.repeat(61), 'reason at the peer');
  });

  const { sendCloseCode } = subject;
  if (sendCloseCode === undefined) return;
  it('tells no code of a peer that no close frame may carry', async () => {
    let accepted: (recorder: Recorder) => void = () => {};
    const listener = await subject.listen((link) => accepted(new Recorder(link)));
    try {
      for (const code of unsendableCodes) {
        const next = new Promise<Recorder>((resolve) => {
          accepted = resolve;
        });
        await sendCloseCode(listener.url, code);
        const close = await (await next).closed();
        equal(close.violation, true, `violation, when the peer closes with ${code}`);
        assert(isCloseCode(close.code), `code ${close.code}, when the peer closes with ${code}`);
      }
    } finally {
      await listener.close();
    }
  });
}
