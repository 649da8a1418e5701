import { clientErrorCodes } from '@sealwire/client';
import { crypto } from '@sealwire/crypto';
import { SERVER_ERROR_CODES } from '@sealwire/server';
import { defaultDeadlines, unknownOption } from '@sealwire/session';
import { type Declared, declared, Refusal } from '../engine/probe.js';
import type { Target } from '../engine/target.js';
import { rule } from '../engine/violation.js';
import { storeErrors, transportErrors } from '../support/errors.js';
import { internal } from '../support/internal.js';
import { oddOptions, oddValue } from '../support/odd-values.js';
import { Script } from '../support/script.js';

type Read = (options: unknown) => unknown;
const { readOptions: readConnect } = await internal<{ readOptions: Read }>('@sealwire/client', 'options.js');
const { normalizeOptions: readServe } = await internal<{ normalizeOptions: Read }>(
  '@sealwire/server',
  'options.js',
);
const { checkListen } = await internal<{ checkListen: Read }>('@sealwire/transport-ws', 'listen-options.js');
const { normalizeOptions: readFile } = await internal<{ normalizeOptions: Read }>(
  '@sealwire/store-file',
  'options.js',
);
const { normalizeOptions: readLmdb } = await internal<{ normalizeOptions: Read }>(
  '@sealwire/store-lmdb',
  'options.js',
);

const { publicKey, privateKey } = await crypto.generateKeyPair();
const nothing = () => undefined;

interface Reader {
  readonly read: Read;
  readonly errors: Declared;
  readonly code: string;
  readonly valid: object;
  readonly names: readonly string[];
}

const readers: readonly Reader[] = [
  {
    read: readConnect,
    errors: declared('ClientError', clientErrorCodes),
    code: 'E_OPTION',
    valid: { dial: nothing, clientId: 'alice', clientKey: privateKey, serverKey: publicKey },
    names: [
      ...[
        'dial',
        'clientId',
        'clientKey',
        'serverKey',
        'state',
        'resumeFrom',
        'onMessage',
        'onState',
        'schemas',
        'checkpoint',
      ],
      ...[
        'outbox',
        'inbox',
        'calls',
        'reconnect',
        'deadlines',
        'connectTimeout',
        'dialTimeout',
        'signal',
        'maxFrameBytes',
      ],
      ...[
        'maxBufferedBytes',
        'maxOrderGap',
        'layout',
        'trustUnhardenedServer',
        'crypto',
        'scheduler',
        'random',
      ],
      ...[
        'maxMessages',
        'maxBytes',
        'whenFull',
        'timeout',
        'maxPending',
        'first',
        'max',
        'message',
        'hello',
        'layot',
      ],
    ],
  },
  {
    read: readServe,
    errors: declared('ServerError', SERVER_ERROR_CODES),
    code: 'E_OPTION',
    valid: { listen: nothing, serverKey: privateKey, clients: nothing },
    names: [
      ...[
        'listen',
        'serverKey',
        'clients',
        'crypto',
        'store',
        'layout',
        'scheduler',
        'onMessage',
        'onRequest',
        'schemas',
      ],
      ...[
        'limits',
        'deadlines',
        'handlerTimeout',
        'stallTimeout',
        'onEvent',
        'maxSessions',
        'maxClientIdLength',
        'hello',
      ],
      ...['message', 'request', 'onMesage'],
    ],
  },
  {
    read: checkListen,
    errors: transportErrors,
    code: '',
    valid: { port: 0 },
    names: [
      ...[
        'port',
        'host',
        'tls',
        'server',
        'path',
        'allowPlaintext',
        'behindTlsProxy',
        'allowedOrigins',
        'protocols',
      ],
      ...[
        'upgradeTimeout',
        'maxConnections',
        'maxConnectionsPerAddress',
        'maxPendingUpgrades',
        'onFull',
        'onError',
        'maxPayload',
        'closeTimeout',
        'cert',
        'key',
      ],
    ],
  },
  {
    read: readFile,
    errors: storeErrors,
    code: 'E_ARGUMENT',
    valid: {},
    names: ['maxOutboxEntries', 'maxOutboxBytes', 'compactBytes'],
  },
  {
    read: readLmdb,
    errors: storeErrors,
    code: 'E_ARGUMENT',
    valid: {},
    names: [
      'maxSize',
      'maxEntriesPerClient',
      'maxBytesPerClient',
      'maxAge',
      'maxTotalBytes',
      'maxRefusals',
      'maxStagedBytes',
      'now',
    ],
  },
];

/** Options as a program without types gives them: each is read, or refused by name. */
export const options: Target = {
  name: 'options',
  sources: [
    ...['client', 'server', 'store-file', 'store-lmdb'].map((name) => `packages/${name}/dist/options.js`),
    ...['client', 'server'].map((name) => `packages/${name}/dist/option-names.js`),
    ...['listen-options', 'limits', 'tls-check'].map((name) => `packages/transport-ws/dist/${name}.js`),
    'packages/session/dist/unknown-option.js',
  ],
  share: 0.2,
  seeds: () => readers.map((_, which) => Uint8Array.of(which, 1, 3, 2, 5, 2, 2, 0)),
  run(input, probe) {
    const script = new Script(input);
    const { read, errors, code, valid, names } = script.pick(readers);
    const given = script.below(16) === 15 ? oddValue(script) : oddOptions(script, valid, names);
    const result = probe.call(input.length, errors, () => read(given), { factor: 16 });
    if (result instanceof Refusal && code !== '')
      rule(result.error.code === code, 'an option is refused as an option');
    const known = Object.keys(defaultDeadlines);
    const name = String.fromCharCode(...script.bytes());
    const words = probe.call(64, undefined, () => unknownOption('deadlines.', { [name]: 1 }, known), {
      factor: 16,
    });
    rule((words === undefined) === known.includes(name), 'every name that is not known is told');
  },
};
