import { type Bytes, type BytesFunctions, readBytes } from '../language/bytes.js';
import type { Commands, Step } from '../language/compile.js';
import type { Words } from '../language/words.js';
import type { Part } from './common-bytes.js';
import { readWindow } from './deadline.js';
import { readExpectation } from './expectation.js';
import { act } from './run.js';
import type { Stage } from './stage.js';

/** Statements about the bytes of a connection, the same whichever side the script plays. */
export function commonCommands<P extends Part, S extends Stage<P>>(
  functions: BytesFunctions<P>,
): Commands<S> {
  const bytesOf = (words: Words): ((stage: S, peer: string) => Buffer) => {
    const bytes: Bytes<P> = readBytes(words, functions);
    return (stage, peer) => bytes({ part: stage.peer(peer).part, variables: stage.variables });
  };
  const together = async (stage: S, peer: string, steps: readonly Step<S>[]) => {
    await stage.peer(peer).together(async () => {
      for (const step of steps) await act(stage, step);
    });
  };
  return {
    send(words, { peer }) {
      const bytes = bytesOf(words);
      return (stage) => stage.peer(peer).send(bytes(stage, peer));
    },
    write(words, { peer }) {
      const bytes = bytesOf(words);
      const size = words.maybe('in') ? readPieces(words) : undefined;
      return (stage) => stage.peer(peer).writeInPieces(bytes(stage, peer), size);
    },
    together(_words, { peer, block }) {
      const steps = block();
      return (stage) => together(stage, peer, steps);
    },
    close(words, { peer }) {
      const code = words.count('the code');
      const reason = words.next?.kind === 'string' ? words.string('the reason') : '';
      return (stage) => stage.peer(peer).close(code, reason);
    },
    fin:
      (_words, { peer }) =>
      (stage) =>
        stage.peer(peer).fin(),
    reset:
      (_words, { peer }) =>
      (stage) =>
        stage.peer(peer).reset(),
    ignore(words, { peer }) {
      const what = words.oneOf('what is ignored', ['pings', 'closes']);
      return (stage) => {
        stage.peer(peer).answers[what] = false;
      };
    },
    reading(words, { peer }) {
      const on = words.oneOf('on or off', ['on', 'off']) === 'on';
      return (stage) => stage.peer(peer).reading(on);
    },
    expect(words, { peer }) {
      const expected = readExpectation(words);
      const window = readWindow(words);
      return (stage) => stage.expect(peer, expected, window);
    },
    /** Without `strict`, heartbeats and pings may come. */
    silence(words, { peer }) {
      const duration = words.duration('the time');
      const strict = words.maybe('strict');
      return (stage) => stage.silence(peer, duration, strict);
    },
    let(words, { peer }) {
      const name = words.name();
      words.expect('=');
      const bytes = bytesOf(words);
      return (stage) => stage.set(name, bytes(stage, peer));
    },
  };
}

/** `in pieces of N`, after its first word. */
export function readPieces(words: Words): number {
  words.expect('pieces');
  words.expect('of');
  const size = words.count('the size of a piece');
  return size > 0 ? size : words.fail('a piece has at least one byte');
}
