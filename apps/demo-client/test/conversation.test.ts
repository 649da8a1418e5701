import { type Client, ClientError, type ConnectionState } from '@sealwire/client';
import { describe, expect, it } from 'vitest';
import { Conversation } from '../src/conversation.js';

const stop = new ClientError('E_TAKEN_OVER', 'the same client id connected elsewhere');
const lost = new ClientError('E_LOST', 'the link closed with 1006', { closeCode: 1006 });

/** A client without a link, which stops when it is told to. */
function setUp() {
  let state: ConnectionState = { kind: 'waiting', attempt: 1, retryInMs: 5, cause: lost };
  let fail: (error: Error) => void = () => {};
  const stopped = new Promise<never>((_, reject) => {
    fail = reject;
  });
  stopped.catch(() => {});
  const client: Client = {
    get state() {
      return state;
    },
    onState: () => () => {},
    send: () => stopped,
    call: () => stopped,
    messages: () => {
      throw new Error('not used');
    },
    onMessage: () => {},
    flush: () => stopped,
    resumeFrom: () => {},
    reconnect: () => {},
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
  const lines: string[] = [];
  const conversation = new Conversation(client, {
    print: (line) => lines.push(line),
    cut: () => {},
    journal: undefined,
  });
  return {
    conversation,
    lines,
    stop() {
      state = { kind: 'stopped', error: stop };
      fail(stop);
    },
  };
}

describe('a conversation without a link', () => {
  it('says that what is typed waits, counts it, and knows it as lost until it is sent', async () => {
    const { conversation, lines, stop } = setUp();
    const sent = conversation.run({ kind: 'send', payload: {} });
    await conversation.run({ kind: 'status' });
    expect(lines[0]).toBe('waiting for the link');
    expect(lines[1]).toContain('0 messages sent, 0 without outcome, 1 waiting for the link; ');
    expect(conversation.lost).toBe(1);
    stop();
    await sent;
    expect(lines.at(-1)).toBe('not sent: the client has stopped; quit and start again');
    expect(conversation.lost).toBe(1);
  });

  it('has nothing to complain of at the end of a stopped client where nothing was under way', async () => {
    const { conversation, lines, stop } = setUp();
    stop();
    await conversation.settled();
    expect(lines).toEqual([]);
    expect(conversation.lost).toBe(0);
  });
});
