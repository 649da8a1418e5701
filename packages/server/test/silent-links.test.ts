import { encodeHello } from '@sealwire/framing';
import { type LinkEvents, type Listen, memoryTransport } from '@sealwire/transport';
import { describe, expect, it } from 'vitest';
import { hello, raw } from './raw.js';
import { virtualWorld } from './world.js';

const elsewhere = (n: number) => memoryTransport({ closeTimeout: 60_000, remoteAddress: `192.0.2.${n}` });

describe('a server full of links that say nothing', () => {
  it('sends the one away that has been silent for the longest, and lets a client in [S19, M2]', async () => {
    const crowd = [1, 2, 3, 4].map(elsewhere);
    const near = memoryTransport({ closeTimeout: 100 });
    const { clock, dial, event, events } = await virtualWorld({
      listen: [near.listen, ...crowd.map(({ listen }) => listen)],
      limits: { maxHandshakes: 4 },
    });
    const silent = await Promise.all(crowd.slice(0, 3).map((transport) => raw({ transport })));
    const fourth = crowd[3] ?? near;
    expect(await (await raw({ transport: fourth })).closed).toMatchObject({ code: 1013 });
    expect(await event('overloaded')).toMatchObject({ limit: 'maxHandshakes', remoteAddress: '192.0.2.4' });
    clock.advance(500);
    const alice = await dial({ dial: near.dial });
    await alice.until(() => alice.live);
    expect(await silent[0]?.closed).toMatchObject({ code: 1013 });
    expect(events.filter(({ type }) => type === 'handshake-refused')).toMatchObject([
      { code: 1013, remoteAddress: '192.0.2.1', error: { code: 'E_OVERLOADED' } },
    ]);
    for (const { link } of silent) link.terminate();
  });

  it('sends one away that lets it wait for a proof, and charges it', async () => {
    const [first, second] = [elsewhere(1), elsewhere(2)];
    const { clock, serverKey, events } = await virtualWorld({
      listen: [first.listen, second.listen],
      limits: { maxHandshakes: 1 },
      failedHandshakes: { burstPerAddress: 1, perSecondPerAddress: 1 },
    });
    const slow = await raw({ transport: first });
    const bytes = await serverKey.publicKey.encrypt(encodeHello(hello()));
    slow.link.send([bytes]);
    await slow.next();
    clock.advance(500);
    const other = await raw({ transport: second });
    expect(await slow.closed).toMatchObject({ code: 1013 });
    other.link.terminate();
    await other.closed;
    const again = await raw({ transport: first });
    again.link.send([bytes]);
    while ((await Promise.race([again.closed, turn()])) === undefined) clock.advance(1);
    expect(await again.closed).toMatchObject({ code: 1013 });
    expect(events.flatMap((event) => (event.type === 'overloaded' ? event.limit : []))).toEqual([
      'maxHandshakes',
      'failedHandshakes.perSecondPerAddress',
    ]);
  });

  it('keeps no place for peers that do not confirm their close', async () => {
    const [silent, refused] = [deafLink(), deafLink()];
    const listen: Listen = async (accept) => {
      for (const { link } of [silent, refused]) accept(link);
      silent.events?.frames([new Uint8Array(3)]);
      return { url: 'test:', async close() {} };
    };
    const { clock } = await virtualWorld({
      listen,
      limits: { maxHandshakesPerAddress: 1 },
      deadlines: { refusal: 100 },
    });
    expect(refused.calls).toEqual([1013, 'terminate']);
    clock.advance(100);
    expect(silent.calls).toEqual([1008]);
    clock.advance(100);
    expect(silent.calls).toEqual([1008, 'terminate']);
  });
});

/** Whose peer takes no close. */
function deafLink() {
  const calls: (number | 'terminate')[] = [];
  const made = {
    calls,
    events: undefined as LinkEvents | undefined,
    link: {
      ...{ bufferedBytes: 0, maxFrameBytes: 65_536, secure: false, local: true, remoteAddress: '192.0.2.1' },
      start(events: LinkEvents) {
        made.events = events;
      },
      send() {},
      close: (code: number) => void calls.push(code),
      terminate() {
        calls.push('terminate');
        made.events?.close({ code: 1006, reason: '' });
      },
    },
  };
  return made;
}

const turn = () => new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)));
