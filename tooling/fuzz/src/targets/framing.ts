import {
  decodeClientFrame,
  decodeHello,
  decodeServerFrame,
  decodeWelcome,
  defaultLimits,
  encodeClientFrame,
  encodeHello,
  encodeServerError,
  encodeServerMessage,
  encodeServerRpc,
  encodeSignedData,
  encodeWelcome,
  type FramingErrorCode,
  isHeartbeat,
  type Layout,
  MessageType,
  type ServerFrame,
} from '@sealwire/framing';
import { declared, type Probe, Refusal } from '../engine/probe.js';
import type { Target } from '../engine/target.js';
import { rule, ruleSameBytes } from '../engine/violation.js';
import { utf8 } from '../support/script.js';
import { framePlaintexts, handshakePlaintexts, refusedPlaintexts } from '../support/vectors.js';

const codes: Record<FramingErrorCode, true> = {
  E_MALFORMED: true,
  E_LIMIT: true,
  E_TYPE: true,
  E_TIMESTAMP: true,
  E_TEXT: true,
  E_FIELD: true,
};
const framingErrors = declared('FramingError', Object.keys(codes));
const source = (name: string) => `packages/framing/dist/${name}.js`;
const layouts: readonly Layout[] = ['documented', 'deployed'];
/** Small enough that mutated lengths land on both sides. */
const tightLimits = { clientId: 16, dataToSign: 40, signature: 64, json: 32, errorText: 32 };

export const hello: Target = {
  name: 'framing-hello',
  sources: [source('hello'), source('decode')],
  seeds: () => handshakePlaintexts('helloPlain'),
  run(input, probe) {
    for (const version of [false, true]) {
      for (const limits of [defaultLimits, tightLimits]) {
        const read = probe.call(input.length, framingErrors, () => decodeHello(input, { version, limits }));
        if (read instanceof Refusal) continue;
        rule(read.clientId.length <= limits.clientId, 'a client id keeps its bound');
        ruleSameBytes(encodeHello(read), input, 'an accepted hello encodes to the same bytes');
      }
    }
  },
};

export const welcome: Target = {
  name: 'framing-welcome',
  sources: [source('welcome'), source('decode')],
  seeds: () => handshakePlaintexts('welcomePlain'),
  run(input, probe) {
    for (const version of [false, true]) {
      for (const limits of [defaultLimits, tightLimits]) {
        const read = probe.call(input.length, framingErrors, () => decodeWelcome(input, { version, limits }));
        if (read instanceof Refusal) continue;
        rule(read.dataToSign.length <= limits.dataToSign, 'a challenge keeps its bound');
        ruleSameBytes(encodeWelcome(read), input, 'an accepted welcome encodes to the same bytes');
      }
    }
  },
};

export const clientFrame: Target = {
  name: 'framing-client-frame',
  sources: [source('client-frame'), source('decode')],
  share: 1.5,
  seeds: () => [
    ...framePlaintexts('client'),
    ...refusedPlaintexts(),
    shortClientFrame('documented'),
    shortClientFrame('deployed'),
  ],
  run(input, probe) {
    const read = (layout: Layout | 'auto', limits = defaultLimits) =>
      probe.call(input.length, framingErrors, () => decodeClientFrame(input, layout, limits));
    const detected = read('auto');
    for (const layout of layouts) {
      const frame = read(layout);
      if (frame instanceof Refusal) continue;
      rule(
        frame.type === MessageType.MESSAGE || frame.type === MessageType.RPC,
        'a client sends MESSAGE or RPC',
      );
      const data = encodeSignedData(layout, frame.type, frame.number, frame.json);
      ruleSameBytes(data, frame.data, 'the signed data is made of its fields and nothing else');
      const again = encodeClientFrame(layout, frame.type, frame.data, frame.signature);
      ruleSameBytes(again, input, 'an accepted frame encodes to the same bytes');
      rule(
        !(detected instanceof Refusal) && detected.layout === layout,
        'a frame that is valid in one layout is detected as that one',
      );
    }
    if (!(detected instanceof Refusal)) {
      rule(!(read(detected.layout) instanceof Refusal), 'what was detected is valid in its layout');
    }
    const tight = read('auto', tightLimits);
    if (!(tight instanceof Refusal)) rule(tight.json.length <= tightLimits.json, 'JSON keeps its bound');
  },
};

export const serverFrame: Target = {
  name: 'framing-server-frame',
  sources: [source('server-frame'), source('decode'), source('heartbeat')],
  share: 1.5,
  seeds: () => [
    ...framePlaintexts('server'),
    ...layouts.flatMap((layout) => [
      encodeServerMessage(layout, 7n, 1.5, utf8('{}')),
      encodeServerRpc(layout, 2n ** 62n, utf8('[1]')),
      encodeServerError(layout, 'no'),
    ]),
  ],
  run(input, probe) {
    rule(isHeartbeat(input) === (input.length === 1 && input[0] === 0), 'a heartbeat is one zero byte');
    for (const layout of layouts) checkServerFrame(input, layout, probe);
    const detected = probe.call(input.length, framingErrors, () => decodeServerFrame(input, 'auto'));
    if (detected instanceof Refusal) return;
    const named = probe.call(input.length, framingErrors, () => decodeServerFrame(input, detected.layout));
    rule(!(named instanceof Refusal), 'what was detected is valid in its layout');
  },
};

function checkServerFrame(input: Uint8Array, layout: Layout, probe: Probe): void {
  const frame = probe.call(input.length, framingErrors, () => decodeServerFrame(input, layout));
  if (frame instanceof Refusal) return;
  rule(frame.layout === layout, 'a frame has the layout that it was read in');
  ruleSameBytes(encoded(frame), input, 'an accepted frame encodes to the same bytes');
}

function encoded(frame: ServerFrame): Uint8Array {
  switch (frame.type) {
    case MessageType.MESSAGE:
      return encodeServerMessage(frame.layout, frame.order, frame.timestamp, frame.json);
    case MessageType.RPC:
      return encodeServerRpc(frame.layout, frame.requestId, frame.json);
    case MessageType.ERROR:
      return encodeServerError(frame.layout, frame.text);
  }
}

function shortClientFrame(layout: Layout): Uint8Array {
  const data = encodeSignedData(layout, MessageType.RPC, 2n ** 62n, utf8('{"a":1}'));
  return encodeClientFrame(layout, MessageType.RPC, data, new Uint8Array(20).fill(9));
}
