import type { Link } from '../link.js';
import { assert, equal, turn, until } from './assert.js';
import { Recorder } from './recorder.js';
import type { EndCapabilities, LinkSuiteSubject, OnPair } from './suite.js';

/** Longer than any clock is coarse. */
const QUIET_MS = 50;
const ENOUGH_BYTES = 64 * 1024 * 1024;

/** Whether the sender is stuck: for so many turns nothing of its buffer has moved. */
async function stuck(sender: Link): Promise<boolean> {
  const buffered = sender.bufferedBytes;
  for (let turns = 0; turns < 20; turns++) {
    if (buffered === 0 || sender.bufferedBytes !== buffered) return false;
    await turn();
  }
  return true;
}

/** Sends until the network takes no more; returns the bytes sent. */
async function fill(sender: Link, frameBytes: number): Promise<number> {
  const frame = new Uint8Array(frameBytes);
  const batch = [frame, frame, frame, frame];
  let sent = 0;
  while (!(await stuck(sender))) {
    assert(sent < ENOUGH_BYTES, `${sent} bytes were taken from a sender whose receiver does not read`);
    if (sender.bufferedBytes === 0) {
      sender.send(batch);
      sent += 4 * frameBytes;
    }
    await turn();
  }
  return sent;
}

/** Less than what Node's streams call much: below that they tell no drain by themselves. */
const SMALL_BYTES = 4_096;

/** Sends in small frames until the network leaves some of the last one. */
async function fillToTheBrim(sender: Link, frameBytes: number): Promise<number> {
  const frame = new Uint8Array(Math.min(SMALL_BYTES, frameBytes));
  let sent = 0;
  do {
    while (sender.bufferedBytes === 0) {
      assert(sent < ENOUGH_BYTES, `${sent} bytes were taken from a sender whose receiver does not read`);
      sender.send([frame]);
      sent += frame.length;
    }
    await turn();
  } while (!(await stuck(sender)));
  return sent;
}

export function flowFacts(onPair: OnPair, subject: LinkSuiteSubject): void {
  const ends: {
    name: string;
    capabilities: EndCapabilities;
    pick: 'client' | 'server';
    other: 'client' | 'server';
  }[] = [
    { name: 'client', capabilities: subject.client, pick: 'client', other: 'server' },
    { name: 'server', capabilities: subject.server, pick: 'server', other: 'client' },
  ];
  for (const { name, capabilities, pick, other } of ends) {
    if (capabilities.holdsBack) {
      onPair(`buffers while the ${name} has not started, and drains once it has`, async (pair) => {
        const [reader, sender] = [pair[pick], pair[other]];
        const atSender = new Recorder(sender);
        const sent = (await fill(sender, reader.maxFrameBytes)) + 3;
        for (const byte of [1, 2, 3]) sender.send([Uint8Array.of(byte)]);
        // A batch that was taken a moment after `send` had its drain too.
        const before = atSender.drains;
        const atReader = new Recorder(reader);
        await until(() => atSender.drains > before, 'drain');
        equal(sender.bufferedBytes, 0, 'bufferedBytes at drain');
        await until(() => atReader.bytes === sent, `${sent} bytes`);
        equal(atReader.received.slice(-3).join(), '1,2,3', 'the frames sent while others waited');
        equal(atSender.drains, before + 1, 'drain events');
      });
    }

    if (capabilities.holdsBack) {
      onPair(`drains also where only a little was left for the ${name}`, async (pair) => {
        const [reader, sender] = [pair[pick], pair[other]];
        const atSender = new Recorder(sender);
        const sent = await fillToTheBrim(sender, reader.maxFrameBytes);
        const before = atSender.drains;
        const atReader = new Recorder(reader);
        await until(() => atReader.bytes === sent, `${sent} bytes`);
        await until(() => atSender.drains > before, 'drain');
        equal(atSender.drains, before + 1, 'drain events');
      });
    }

    onPair(`${capabilities.pausing ? 'pauses and resumes' : 'claims no pausing'} (${name})`, async (pair) => {
      const [reader, sender] = [pair[pick], pair[other]];
      equal(reader.pausing !== undefined, capabilities.pausing, 'pausing is there');
      if (reader.pausing === undefined) return;
      const [atReader, atSender] = [new Recorder(reader), new Recorder(sender)];
      sender.send([Uint8Array.of(1)]);
      await atReader.count(1);
      reader.pausing.pause();
      const sent = await fill(sender, reader.maxFrameBytes);
      const [read, before] = [atReader.bytes, atSender.drains];
      assert(await stuck(sender), 'the sender is stuck while the reader is paused');
      equal(atReader.bytes, read, 'bytes that come while paused');
      reader.pausing.resume();
      await until(() => atReader.bytes === sent + 1, `${sent} bytes after resume`);
      equal(sender.bufferedBytes, 0, 'bufferedBytes after resume');
      await until(() => atSender.drains === before + 1, 'drain');
    });

    onPair(`${capabilities.pinging ? 'pings and hears' : 'claims no pinging'} (${name})`, async (pair) => {
      const [pinger, peer] = [pair[pick], pair[other]];
      equal(pinger.pinging !== undefined, capabilities.pinging, 'pinging is there');
      const [atPinger, atPeer] = [new Recorder(pinger), new Recorder(peer)];
      for (let pings = 0; pings < 3; pings++) pinger.pinging?.ping();
      pinger.send([Uint8Array.of(1)]);
      await atPeer.count(1);
      await until(() => atPinger.pongs === (capabilities.pinging ? 3 : 0), 'a pong for each ping');
    });

    const hears = capabilities.hearing ? 'tells how long it has heard nothing' : 'claims no hearing';
    onPair(`${hears} (${name})`, async (pair) => {
      const [hearer, sender] = [pair[pick], pair[other]];
      equal(hearer.silentFor !== undefined, capabilities.hearing, 'silentFor is there');
      if (!capabilities.hearing) return;
      const [atHearer, atSender] = [new Recorder(hearer), new Recorder(sender)];
      const heardAfter = async (send: () => void, arrived: () => Promise<unknown>) => {
        await until(() => (hearer.silentFor ?? 0) >= QUIET_MS, 'a silence that lasts');
        const sentAt = performance.now();
        send();
        await arrived();
        const silentFor = hearer.silentFor ?? Number.POSITIVE_INFINITY;
        const passed = performance.now() - sentAt;
        assert(silentFor <= passed, `silent for ${silentFor} ms, ${passed} ms after something was sent`);
      };
      await heardAfter(
        () => sender.send([Uint8Array.of(1)]),
        () => atHearer.count(1),
      );
      const { pinging } = sender;
      if (pinging === undefined) return;
      await heardAfter(
        () => pinging.ping(),
        () => until(() => atSender.pongs === 1, 'pong'),
      );
    });

    onPair(`tells no drain when nothing was left in the buffer (${name})`, async (pair) => {
      const [sender, reader] = [pair[pick], pair[other]];
      const [atSender, atReader] = [new Recorder(sender), new Recorder(reader)];
      let left = 0;
      for (let i = 0; i < 10; i++) {
        sender.send([Uint8Array.of(i)]);
        if (sender.bufferedBytes > 0) left++;
        await atReader.count(i + 1);
      }
      await turn();
      assert(
        atSender.drains <= left,
        `${atSender.drains} drain events after ${left} sends that left something`,
      );
    });
  }
}
