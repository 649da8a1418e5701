import type { Act, Scope } from '../language/compile.js';
import type { Words } from '../language/words.js';
import { readWindow } from './deadline.js';
import { type AppAct, isHandled } from './server-app.js';
import type { ServerStage } from './server-stage.js';
import { Mismatch } from './stage.js';

type Verb = (words: Words) => Act<ServerStage>;

const verbs: Readonly<Record<string, Verb>> = {
  on(words) {
    const on = words.oneOf('message or request', ['message', 'request']);
    const number = words.maybe('any') ? undefined : words.integer('the number');
    const from = words.maybe('from') ? words.word('the client') : undefined;
    const acts = [readAct(words, on)];
    while (words.maybe('then')) acts.push(readAct(words, on));
    return ({ app }) => app.addRule({ on, number, from, acts });
  },
  release(words) {
    const gate = words.word('the gate');
    return ({ app }) => app.release(gate);
  },
  /** A handler has begun with this message or request, or begins in time. */
  begun(words) {
    const key = `${words.word('the client')} ${words.integer('the number')}`;
    const { within } = readWindow(words);
    return async ({ app }) => {
      const begun = await app.watch.until(within, () => app.begun.has(key) || undefined);
      if (begun === undefined) throw new Mismatch(`it has not begun within ${within} ms`);
    };
  },
  handled: handled('message'),
  requested: handled('request'),
  publish(words) {
    const payload = readPayload(words);
    words.expect('to');
    const ids = [words.word('a client')];
    while (!words.done) ids.push(words.word('a client'));
    return async (stage) => void (await stage.node(1).publish(ids, payload));
  },
  /** Many messages of a size, none of them looked at by itself. */
  fill(words) {
    const id = words.word('the client');
    const count = words.count('how many');
    const payload = 'x'.repeat(words.count('the length'));
    return async (stage) => {
      for (let index = 0; index < count; index += 1) await stage.node(1).publish(id, payload);
    };
  },
  refuse(words) {
    const id = words.word('the client');
    const sequence = words.integer('SEQUENCE');
    const reason = words.string('the reason');
    return (stage) => stage.node(1).refuse(id, sequence, reason);
  },
  /** Begins to drain; `drained` waits for the end. */
  drain(words) {
    const window = words.maybe('window') ? words.duration('the window') : undefined;
    return (stage) => stage.drain(window);
  },
  drained(words) {
    const { within } = readWindow(words);
    return (stage) => stage.drained(within);
  },
  /** Exactly these clients have sessions, now or in time. */
  sessions(words) {
    const ids: string[] = [];
    while (!words.done && words.next?.text !== 'within') ids.push(words.word('a client'));
    const { within } = readWindow(words);
    const wanted = ids.sort().join(' ');
    return async (stage) => {
      const look = () => [...stage.node(1).sessions.clientIds].sort().join(' ');
      const found = await stage.app.watch.until(within, () => (look() === wanted ? true : undefined));
      if (found === undefined) throw new Mismatch(`there are sessions of: ${look() || 'nobody'}`);
    };
  },
};

/** `app …`: what the server's application does and sees. */
export function appCommands(words: Words, _scope: Scope<ServerStage>): Act<ServerStage> {
  const name = words.word('what the application does');
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  return verb?.(words) ?? words.fail(`the application knows ${Object.keys(verbs).join(', ')}, not ${name}`);
}

function handled(kind: 'message' | 'request'): Verb {
  return (words) => {
    const clientId = words.word('the client');
    const number = words.number('the number');
    const json =
      words.next?.kind === 'json' || words.next?.kind === 'string' ? words.take('').text : undefined;
    const { within } = readWindow(words);
    return async (stage) => {
      const wanted = { kind, clientId, number: number(stage.variables), json };
      const found = await stage.app.next(within);
      if (found === undefined) throw new Mismatch(`nothing was handled within ${within} ms`);
      if (!isHandled(found, wanted)) {
        throw new Mismatch(
          `handled instead: ${found.kind} ${found.number} of ${found.clientId} ${found.json}`,
        );
      }
    };
  };
}

function readAct(words: Words, on: 'message' | 'request'): AppAct {
  const kind = words.oneOf('what is done', [
    'publish',
    'put',
    'refuse',
    'answer',
    'fail',
    'wait',
    'throw',
    'hang',
  ]);
  switch (kind) {
    case 'publish': {
      const payload = readPayload(words);
      if (!words.maybe('to')) return { kind, payload, to: undefined };
      const to = [words.word('a client')];
      while (!words.done && words.next?.text !== 'then') to.push(words.word('a client'));
      return { kind, payload, to };
    }
    case 'put':
      return { kind, key: words.word('the key'), value: words.string('the value') };
    case 'refuse': {
      if (on === 'request') words.fail('a request is not refused: use fail');
      const reason = words.string('the reason');
      return { kind, reason, code: words.maybe('code') ? words.count('the code') : undefined };
    }
    case 'answer':
      if (on === 'message') words.fail('a message has no answer');
      return { kind, payload: readPayload(words) };
    case 'fail':
      if (on === 'message') words.fail('a message does not fail with a code: use refuse or throw');
      return { kind, code: words.word('the code'), message: words.string('the message') };
    case 'wait':
      words.expect('for');
      return { kind, gate: words.word('the gate') };
    default:
      return { kind };
  }
}

export function readPayload(words: Words): unknown {
  const { text } = words.take('the payload');
  try {
    return JSON.parse(text);
  } catch {
    return words.fail(`${text} is not JSON`);
  }
}
