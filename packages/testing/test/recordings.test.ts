import { describe, expect, it } from 'vitest';
import { SimClock, SimProcess } from '../src/index.js';
import { type HandshakeMessage, Recordings } from '../src/world/recordings.js';

const clock = new SimClock();
const process = (name: string) => new SimProcess(name, clock);
const client = process('client');
const server = process('server');
const bytes = (byte: number) => new Uint8Array(8).fill(byte);

/** Whom a recording has deceived, and a whole handshake with these messages. */
function world() {
  const recordings = new Recordings();
  const fooled: HandshakeMessage[] = [];
  const open = (ends = { client, server }) => recordings.opened(ends, (by) => void fooled.push(by));
  const handshake = (hello: number, welcome: number, ends = { client, server }) => {
    const tap = open(ends);
    const passed = [tap.passing('up', 1, bytes(hello)), tap.passing('down', 1, bytes(welcome))];
    tap.passing('up', 2, bytes(0));
    tap.passing('down', 2, bytes(0));
    return passed;
  };
  return { recordings, fooled, open, handshake };
}

describe('recordings', () => {
  it('alter nothing until they are asked to, nor after the one connection', () => {
    const { recordings, handshake, fooled } = world();
    expect(handshake(1, 2)).toEqual([bytes(1), bytes(2)]);
    recordings.replayNext('hello');
    handshake(3, 4);
    expect(handshake(5, 6)).toEqual([bytes(5), bytes(6)]);
    expect(fooled).toEqual(['hello']);
  });

  it.each([
    ['hello', [bytes(1), bytes(4)]],
    ['welcome', [bytes(3), bytes(2)]],
  ] as const)('put a %s in the place of the new one, and tell who goes on after it', (message, passed) => {
    const { recordings, handshake, fooled } = world();
    handshake(1, 2);
    recordings.replayNext(message);
    expect(handshake(3, 4)).toEqual(passed);
    expect(fooled).toEqual([message]);
  });

  it('have deceived nobody who says nothing more', () => {
    const { recordings, handshake, open, fooled } = world();
    handshake(1, 2);
    recordings.replayNext('welcome');
    const tap = open();
    tap.passing('up', 1, bytes(3));
    expect(tap.passing('down', 1, bytes(4))).toEqual(bytes(2));
    expect(fooled).toEqual([]);
  });

  it('keep nothing of a handshake that led to no session', () => {
    const { recordings, handshake, open } = world();
    const tap = open();
    tap.passing('up', 1, bytes(1));
    tap.passing('down', 1, bytes(2));
    recordings.replayNext('welcome');
    expect(handshake(3, 4)).toEqual([bytes(3), bytes(4)]);
  });

  it('spare a process that has forgotten what came before', () => {
    const { recordings, handshake, fooled } = world();
    handshake(1, 2);
    recordings.replayNext('hello');
    expect(handshake(3, 4, { client, server: process('server again') })).toEqual([bytes(3), bytes(4)]);
    recordings.replayNext('welcome');
    expect(handshake(5, 6, { client: process('client again'), server })).toEqual([bytes(5), bytes(6)]);
    expect(fooled).toEqual([]);
  });
});
