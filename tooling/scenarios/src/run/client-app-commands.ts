import type { Client, ClientError, ConnectionState, Outcome, Sent } from '@sealwire/client';
import type { Act, Scope } from '../language/compile.js';
import type { Words } from '../language/words.js';
import { type ClientApp, outcomeOf, type Settled } from './client-app.js';
import type { ClientStage } from './client-stage.js';
import { readWindow } from './deadline.js';
import { sameJson, wildcard } from './expectation.js';
import { readPayload } from './server-app-commands.js';
import { Mismatch } from './stage.js';

type Verb = (words: Words) => Act<ClientStage>;

const verbs: Readonly<Record<string, Verb>> = {
  connect: () => (stage) => stage.connect(),
  connected: settles('connect', () => true),
  send(words) {
    const payload = readPayload(words);
    const name = readName(words);
    return async (stage) => stage.app.followSend(name, (await stage.client()).send(payload));
  },
  call(words) {
    const payload = readPayload(words);
    const name = readName(words);
    const idempotent = words.maybe('idempotent');
    const timeout = words.maybe('timeout') ? words.duration('the time') : undefined;
    return async (stage) => {
      const client = await stage.client();
      const options = { idempotent, ...(timeout === undefined ? {} : { timeout }) };
      stage.app.follow(name, client.call(payload, options));
    };
  },
  flush(words) {
    const name = readName(words);
    return async (stage) => stage.app.follow(name, (await stage.client()).flush());
  },
  close(words) {
    const timeout = words.maybe('timeout') ? words.duration('the time') : undefined;
    return async (stage) => {
      const client = await stage.client();
      stage.app.follow('close', client.close(timeout === undefined ? {} : { timeout }));
    };
  },
  reconnect: () => async (stage) => (await stage.client()).reconnect(),
  /** The process is killed; `connect` starts the next one. */
  crash(words) {
    const forgetting = words.maybe('forgetting');
    return (stage) => stage.crash(!forgetting);
  },
  'freeze-state': () => (stage) => stage.freezeState(),
  'resume-from'(words) {
    const point = words.maybe('oldest') ? 'oldest' : words.integer('the ORDER');
    return async (stage) => (await stage.client()).resumeFrom(point);
  },
  /** What the handler does with one message, or with any. */
  on(words) {
    const order = words.maybe('any') ? undefined : words.integer('ORDER');
    const kind = words.oneOf('what is done', [
      'throw',
      'hang',
      'wait',
      'send',
      'call',
      'flush',
      'reconnect',
      'close',
    ]);
    if (kind === 'throw' || kind === 'hang') return ({ app }) => app.decide(order, kind);
    if (kind === 'wait') {
      words.expect('for');
      const gate = words.word('the gate');
      return ({ app }) => app.decide(order, { gate });
    }
    const act = readHandlerAct(words, kind);
    return ({ app }) => app.decide(order, { act });
  },
  release(words) {
    const gate = words.word('the gate');
    return ({ app }) => app.release(gate);
  },
  /** The oldest message that was received and not looked at. */
  received(words) {
    const order = words.integer('ORDER');
    const json =
      words.next?.kind === 'json' || words.next?.kind === 'string' ? words.take('').text : undefined;
    const possiblyHandled = words.maybe('possibly-handled');
    const { within } = readWindow(words);
    return async ({ app }) => {
      const message = await app.watch.until(within, () => app.received.shift());
      if (message === undefined) throw new Mismatch(`nothing was received within ${within} ms`);
      const text = JSON.stringify(message.payload);
      const fits =
        message.order === order &&
        message.possiblyHandled === possiblyHandled &&
        (json === undefined || sameJson(text, json));
      if (!fits) {
        const mark = message.possiblyHandled ? ' possibly-handled' : '';
        throw new Mismatch(`received instead: ${message.order} ${text}${mark}`);
      }
    };
  },
  /** A state that has come since the last one looked at, or comes in time. */
  state(words) {
    const kind = words.oneOf('the state', ['connecting', 'live', 'waiting', 'closing', 'closed', 'stopped']);
    const code = words.next?.text.startsWith('E_') === true ? words.word('the code') : undefined;
    const closeCode = /^\d+$/.test(words.next?.text ?? '') ? words.count('the close code') : undefined;
    const from = words.maybe('from') ? words.word('the code below') : undefined;
    const saying = words.maybe('saying') ? words.string('the words') : undefined;
    const retry = words.maybe('retry') ? words.duration('the time') : undefined;
    const sequence = words.maybe('last-seen-sequence') ? words.integer('LAST SEEN SEQUENCE') : undefined;
    const { within } = readWindow(words);
    const fits = (state: ConnectionState) => {
      const error = errorOf(state);
      return (
        state.kind === kind &&
        (code === undefined || error?.code === code) &&
        (closeCode === undefined || error?.closeCode === closeCode) &&
        (from === undefined || codeBelow(error) === from) &&
        (saying === undefined || wildcard(saying, error?.message ?? '')) &&
        (retry === undefined || (state.kind === 'waiting' && state.retryInMs === retry)) &&
        (sequence === undefined || (state.kind === 'live' && state.lastSeenSequence === sequence))
      );
    };
    return async ({ app }) => {
      if (await app.state(within, fits)) return;
      throw new Mismatch(`the states were ${app.states.map(tell).join(', ')}`);
    };
  },
  /** The message was handed over with this SEQUENCE. */
  sent(words) {
    const name = words.word('the name');
    const sequence = words.integer('SEQUENCE');
    return settles(name, (value) => (value as Sent).sequence === sequence)(words);
  },
  outcome(words) {
    const name = words.word('the name');
    const kind = words.oneOf('the outcome', ['accepted', 'refused', 'consumed']);
    const reason = words.next?.kind === 'string' ? words.string('the reason') : undefined;
    return settles(outcomeOf(name), (value) => {
      const outcome = value as Outcome;
      return (
        outcome.kind === kind &&
        (reason === undefined || (outcome.kind === 'refused' && wildcard(reason, outcome.reason)))
      );
    })(words);
  },
  answered(words) {
    const name = words.word('the name');
    const json = words.take('the payload').text;
    return settles(name, (value) => sameJson(JSON.stringify(value), json))(words);
  },
  /** A flush or close is done. */
  done(words) {
    return settles(words.word('the name'), () => true)(words);
  },
  /** The promise rejects with this code; `outcome` before the name means the outcome of a message. */
  fails(words) {
    const outcome = words.maybe('outcome');
    const name = words.word('the name');
    const code = words.word('the code');
    const remote = words.maybe('remote') ? words.word('the code of the server') : undefined;
    const { within } = readWindow(words);
    return async ({ app }) => {
      const settled = await app.settled(outcome ? outcomeOf(name) : name, within);
      if (settled === undefined) throw new Mismatch(`it did not settle within ${within} ms`);
      const error = settled.ok ? undefined : settled.error;
      const fits =
        error instanceof Error &&
        Reflect.get(error, 'code') === code &&
        (remote === undefined || Reflect.get(error, 'remoteCode') === remote);
      if (!fits) throw new Mismatch(`it came to ${show(settled)}`);
    };
  },
};

/** `app …`: what the client's application does and sees. */
export function clientAppCommands(words: Words, _scope: Scope<ClientStage>): Act<ClientStage> {
  const name = words.word('what the application does');
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  return verb?.(words) ?? words.fail(`the application knows ${Object.keys(verbs).join(', ')}, not ${name}`);
}

function settles(name: string, fits: (value: unknown) => boolean): Verb {
  return (words) => {
    const { within } = readWindow(words);
    return async ({ app }) => {
      const settled = await app.settled(name, within);
      if (settled === undefined) throw new Mismatch(`it did not settle within ${within} ms`);
      if (!settled.ok || !fits(settled.value)) throw new Mismatch(`it came to ${show(settled)}`);
    };
  };
}

/** What the handler itself does with its client, without waiting for it. */
function readHandlerAct(
  words: Words,
  kind: 'send' | 'call' | 'flush' | 'reconnect' | 'close',
): (app: ClientApp, client: Client) => void {
  if (kind === 'reconnect') return (_, client) => client.reconnect();
  if (kind === 'close') return (app, client) => app.follow('close', client.close());
  const payload = kind === 'flush' ? undefined : readPayload(words);
  const name = readName(words);
  if (kind === 'send') return (app, client) => app.followSend(name, client.send(payload));
  if (kind === 'call') return (app, client) => app.follow(name, client.call(payload));
  return (app, client) => app.follow(name, client.flush());
}

function readName(words: Words): string {
  words.expect('as');
  return words.word('the name');
}

function show(settled: Settled): string {
  if (!settled.ok) {
    const { error } = settled;
    return error instanceof Error ? `${Reflect.get(error, 'code')}: ${error.message}` : String(error);
  }
  const plain = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
  return JSON.stringify(settled.value, plain) ?? 'nothing';
}

function tell(state: ConnectionState): string {
  if (state.kind === 'live') return `live last-seen-sequence ${state.lastSeenSequence}`;
  const error = errorOf(state);
  if (error === undefined) return state.kind;
  const below = codeBelow(error);
  return [
    state.kind,
    error.code,
    error.closeCode,
    below && `from ${below}`,
    `saying "${error.message}"`,
    state.kind === 'waiting' && `retry ${state.retryInMs}ms`,
  ]
    .filter((word) => word)
    .join(' ');
}

function errorOf(state: ConnectionState): ClientError | undefined {
  return state.kind === 'waiting' ? state.cause : state.kind === 'stopped' ? state.error : undefined;
}

function codeBelow(error: ClientError | undefined): unknown {
  return error?.cause instanceof Error ? Reflect.get(error.cause, 'code') : undefined;
}
