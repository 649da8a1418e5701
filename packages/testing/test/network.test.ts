import type { Link } from '@sealwire/transport';
import { expect, it } from 'vitest';
import {
  type Listeners,
  listenAmong,
  runUntil,
  SimClock,
  SimNetwork,
  SimProcess,
  seededRandom,
} from '../src/index.js';

/** A client's machine goes away at 100 ms. @returns when the network was told that the server still has the link */
async function losesMachine(atServer: (link: Link, clock: SimClock) => void): Promise<number | undefined> {
  const clock = new SimClock();
  const listeners: Listeners = new Set();
  const network = new SimNetwork(clock, seededRandom('network'), {}, listeners);
  const [client, server] = [new SimProcess('client', clock), new SimProcess('server', clock)];
  const events = { frames() {}, text() {}, drain() {}, pong() {}, close() {} };
  await listenAmong(
    listeners,
    server,
  )((link) => {
    link.start(events);
    atServer(link, clock);
  });
  let toldAt: number | undefined;
  network.onForgotten = () => {
    toldAt = clock.now;
  };
  const dialing = network.dialer(client)({ signal: new AbortController().signal });
  clock.after(100, () => network.lose(client, true));
  await runUntil(clock, 60_000, () => false);
  await dialing;
  return toldAt;
}

it('tells of a server that keeps the link of a machine that is gone', async () => {
  expect(await losesMachine(() => {})).toBe(13_100);
});

it('tells of nothing where the server let the link go in time', async () => {
  expect(await losesMachine((link, clock) => clock.after(13_000, () => link.terminate()))).toBeUndefined();
});

it('counts from when the server reads again: while it does not, it can notice nothing', async () => {
  const pauses = (link: Link, clock: SimClock): void => {
    link.pausing?.pause();
    clock.after(5_000, () => link.pausing?.resume());
  };
  // From some milliseconds after the dial.
  expect(Math.floor(Number(await losesMachine(pauses)) / 10)).toBe(1_800);
  const leaves = (link: Link, clock: SimClock): void => {
    pauses(link, clock);
    clock.after(17_000, () => link.terminate());
  };
  expect(await losesMachine(leaves)).toBeUndefined();
});
