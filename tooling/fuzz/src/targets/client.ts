import { clientErrorCodes } from '@sealwire/client';
import { closeCodes } from '@sealwire/session';
import { systemScheduler } from '@sealwire/transport';
import { declared, Refusal } from '../engine/probe.js';
import type { Target } from '../engine/target.js';
import { rule } from '../engine/violation.js';
import { internal } from '../support/internal.js';
import { Script, script, textOf, utf8 } from '../support/script.js';

interface End {
  readonly phase: string;
  readonly closeCode?: number;
  readonly ownClose: boolean;
  readonly error?: unknown;
  readonly trusted: boolean;
  readonly liveFor: number;
}
interface Context {
  readonly unconfirmed: bigint | undefined;
  readonly received: bigint;
  readonly first: boolean;
  readonly otherProof: boolean;
}
type Verdict =
  | { readonly kind: 'dial'; readonly delay: number; readonly cause: Error }
  | { readonly kind: 'stop'; readonly error: Error };
interface Policy {
  next(end: End, context: Context): Verdict;
}
const { ReconnectPolicy } = await internal<{
  ReconnectPolicy: new (options: object, random: () => number, keys: number) => Policy;
}>('@sealwire/client', 'reconnect.js');

interface CallOptions {
  readonly timeout: number;
}
interface Calls {
  call(json: Uint8Array, after: bigint, options: CallOptions): Promise<unknown>;
  take(
    index: bigint,
    end: bigint,
  ): { readonly requestId: bigint; readonly call: { sent: boolean } } | undefined;
  answered(requestId: bigint, json: Uint8Array): boolean;
  connected(): void;
  end(): void;
}
const { Calls } = await internal<{
  Calls: new (
    options: object,
    numbers: string,
    scheduler: object,
    randomBytes: (length: number) => Uint8Array,
    changed: () => void,
  ) => Calls;
}>('@sealwire/client', 'calls.js');

const clientErrors = declared('ClientError', clientErrorCodes);
const clientCodes: ReadonlySet<string> = new Set(clientErrorCodes);
const backOff = { first: 1_000, max: 20_000, slow: 30_000, stableAfter: 60_000 };
const longestDelay = 3_600_000;

/** Any row of ends of sessions, most of which a server or somebody on the way may choose. */
export const reconnect: Target = {
  name: 'client-reconnect',
  sources: ['packages/client/dist/reconnect.js'],
  share: 0.5,
  seeds: () => [
    script(1, ...Array.from({ length: 80 }, (_, index) => index * 7)),
    script(2, 3, 1, 1, 0, 0, 0, 0, 0, 0),
  ],
  run(input, probe) {
    const steps = new Script(input);
    const policy = new ReconnectPolicy(backOff, () => steps.byte() / 256, 1 + steps.below(3));
    for (let left = 60; left > 0 && !steps.done; left--) {
      const end = endOf(steps);
      const context = {
        unconfirmed: steps.pick([undefined, 0n, 1n, steps.hyper()]),
        received: BigInt(steps.byte()),
        first: steps.flag(),
        otherProof: steps.flag(),
      };
      const verdict = probe.call(64, undefined, () => policy.next(end, context), { factor: 64 });
      rule(!(verdict instanceof Refusal), 'every end has a verdict');
      if (verdict.kind === 'stop') {
        rule(
          'code' in verdict.error && clientCodes.has(String(verdict.error.code)),
          'a stop names a known code',
        );
        const early = end.phase === 'dial' || end.phase === 'handshake';
        rule(
          end.trusted || !early || isOwnStop(end),
          'nobody on the way stops a client before it knows its server',
        );
        return;
      }
      rule(verdict.delay >= 0 && verdict.delay <= longestDelay, 'the next dial comes within an hour');
    }
  },
};

/** The dialer of the program itself says that it will never open a link, or the state of the client broke. */
function isOwnStop({ error }: End): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    ['E_URL', 'E_OPTION', 'E_INSECURE', 'E_DESYNC'].includes(String(error.code))
  );
}

function endOf(steps: Script): End {
  const phase = steps.pick(['dial', 'handshake', 'proof', 'live']);
  const known = Object.keys(closeCodes).map(Number);
  const code = steps.pick<() => number>([
    () => steps.pick(known),
    () => 4_096 + steps.byte(),
    () => steps.word() & 0xffff,
  ])();
  const error = steps.pick<unknown>([
    undefined,
    null,
    new Error('odd'),
    Object.assign(new Error('status'), { status: 300 + steps.byte() }),
    Object.assign(new Error('wait'), { status: 503, retryAfter: steps.pick([0, 5_000, 10 ** 12, -1]) }),
    Object.assign(new Error('session'), {
      code: steps.pick(['E_HANDSHAKE', 'E_CHALLENGE_REFUSED', 'E_FRAME', 'E_ORDER', 'E_URL', 'E_DESYNC']),
    }),
  ]);
  return {
    phase,
    ...(phase !== 'dial' && { closeCode: code }),
    ownClose: steps.flag(),
    error,
    trusted: steps.flag(),
    liveFor: steps.pick([0, 1, 60_000, 10 ** 9]),
  };
}

/** The answer of a server to a call: a payload, or an error that names its reason. */
export const answers: Target = {
  name: 'client-answers',
  sources: ['packages/client/dist/calls.js'],
  share: 0.2,
  seeds: () =>
    [
      '{"@type":"sealwire.Error","code":"invalid-request","message":"no"}',
      '{"@type":"sealwire.Error","code":5,"message":{"a":"\\u202e"}}',
      '{"@type":"Balance","free":"1"}',
      'null',
    ].map(utf8),
  dictionary: ['"@type":"sealwire.Error"', '"code":', '"message":', '\u202e'].map(utf8),
  async run(input, probe) {
    const calls = new Calls(
      { timeout: 60_000, maxPending: 4, maxConcurrent: 4 },
      'refuse',
      systemScheduler,
      (length) => new Uint8Array(length),
      () => {},
    );
    calls.connected();
    const answer = probe.callAsync(clientErrors, () => calls.call(utf8('{}'), -1n, { timeout: 60_000 }));
    const taken = calls.take(0n, 0n);
    rule(taken !== undefined && calls.answered(taken.requestId, input), 'an answer finds its call');
    // A second answer is known by its id and dropped.
    calls.answered(taken.requestId, utf8('"second"'));
    const result = await answer;
    calls.end();
    rule(result !== 'second' || textOf(input).trim() === '"second"', 'the first answer counts');
    if (!(result instanceof Refusal)) return;
    rule(
      ['E_ANSWER', 'E_REQUEST_FAILED'].includes(String(result.error.code)),
      'a call fails with what the server says',
    );
    rule(!/[\p{Cc}\p{Cf}]/u.test(result.error.message), 'the words of a server are made safe');
  },
};
