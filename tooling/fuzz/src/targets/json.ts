import {
  decodeJson,
  defaultMaxJsonDepth,
  encodeJson,
  isReserved,
  type JsonNumbers,
  reservedPrefix,
  typeOf,
} from '@sealwire/session';
import { Refusal } from '../engine/probe.js';
import type { Random } from '../engine/random.js';
import type { Target } from '../engine/target.js';
import { rule } from '../engine/violation.js';
import { sessionErrors } from '../support/errors.js';
import { utf8 } from '../support/script.js';

const words = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  '\\u005f',
  '\\u0000',
  '"__proto__":',
  '1e309',
  '4e-324',
  '9007199254740993',
  '-0',
  '0.1',
  'true',
  'null',
];
const seeds = [
  '{"@type":"Order","price":"31000","list":[1,-2.5e10,true,false,null,"\\u00e9\\n"]}',
  '{"a":{"b":{"__proto__":1}}}',
  '{"\\u005f_proto__":1}',
  '{"constructor":{"prototype":1},"toString":"x"}',
  '"__proto__"',
  '1e400',
  `[${'9'.repeat(310)}]`,
  `${'['.repeat(65)}${']'.repeat(65)}`,
  '\ufeff{}',
  '"\\ud800"',
  ' \t\r\n[ 1 , 2 ] ',
  '{"a":1,"a":2}',
  `{"a":${'['.repeat(64)}${']'.repeat(64)},"a":2}`,
];

/** An element is `[],`, three bytes, and an array in JavaScript some 60. */
const factor = 64;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export const json: Target = {
  name: 'session-json',
  sources: [
    'packages/session/dist/json.js',
    'packages/session/dist/json-numbers.js',
    'packages/session/dist/reserved.js',
  ],
  share: 2,
  seeds: () => [
    ...seeds.map(utf8),
    Uint8Array.of(0x22, 0xff, 0x22),
    Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22),
  ],
  dictionary: words.map(utf8),
  generate: (random) => utf8(text(random, 6)),
  run(input, probe) {
    const read = (numbers: JsonNumbers) =>
      probe.call(input.length, sessionErrors, () => decodeJson(input, { numbers }), { factor });
    const value = read('refuse');
    const expected = plainly(input);
    if (value instanceof Refusal) return refused(input, expected, read('round'), read('text'));
    rule(expected !== undefined, 'nothing is accepted that a rule refuses');
    rule(alike(value, expected.value), 'the value is that of JSON.parse');
    const again = probe.call(input.length, sessionErrors, () => encodeJson(value), { factor });
    rule(!(again instanceof Refusal), 'what was accepted can be sent');
    rule(alike(decodeJson(again), value), 'what is sent is what was accepted');
    rule(
      isReserved(value) === (typeOf(value)?.startsWith(reservedPrefix) ?? false),
      'reserved types are told by their prefix',
    );
  },
};

/** By a rule, or for a number, which then can be rounded or kept as text. */
function refused(
  input: Uint8Array,
  expected: { readonly value: unknown } | undefined,
  rounded: unknown,
  texts: unknown,
): void {
  if (rounded instanceof Refusal) {
    return rule(expected === undefined, 'what JSON.parse takes is refused by a rule only');
  }
  rule(expected !== undefined && alike(rounded, expected.value), 'the rounded value is that of JSON.parse');
  rule(!(texts instanceof Refusal), 'where a number can be rounded its text can be kept');
  // Under a key that comes again the number is refused, and then it is in neither value.
  rule(
    !alike(texts, rounded) || keysIn(decoder.decode(input)) > keysOf(rounded),
    'a number is refused only where it would be text',
  );
}

function keysIn(text: string): number {
  return outsideStrings(text).split(':').length - 1;
}

function outsideStrings(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"/g, '');
}

function keysOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce((sum: number, inner) => sum + keysOf(inner), own);
}

/** JSON.parse and the rules of docs/protocol.md, section JSON, with no thought of speed. Undefined: refused. */
function plainly(input: Uint8Array): { readonly value: unknown } | undefined {
  try {
    const text = decoder.decode(input);
    const value: unknown = JSON.parse(text);
    // Looked for in the text, because of duplicate keys the value has one only.
    const bare = outsideStrings(text);
    const numbers = bare.match(/-?\d[\d.eE+-]*/g) ?? [];
    const finite = numbers.every((number) => Number.isFinite(Number(number)));
    return finite && depthOf(bare) <= defaultMaxJsonDepth && !holdsProto(value) ? { value } : undefined;
  } catch {
    return undefined;
  }
}

function depthOf(bare: string): number {
  let [depth, deepest] = [0, 0];
  for (const character of bare) {
    if (character === '[' || character === '{') depth += 1;
    if (character === ']' || character === '}') depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

function holdsProto(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.hasOwn(value, '__proto__') || Object.values(value).some(holdsProto);
}

function alike(one: unknown, other: unknown): boolean {
  // JSON.stringify writes -0 as 0.
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const [names, others] = [Object.keys(one), Object.keys(other)];
  return (
    names.length === others.length &&
    names.every(
      (name, index) => name === others[index] && alike(Reflect.get(one, name), Reflect.get(other, name)),
    )
  );
}

function text(random: Random, depth: number): string {
  const some = (make: () => string) =>
    Array.from({ length: random.below(4) }, make).join(random.oneIn(9) ? ' ,' : ',');
  switch (random.below(depth > 0 ? 9 : 6)) {
    case 0:
      return random.pick([
        '0',
        '-0',
        '1',
        '-12',
        '0.5',
        '1e5',
        '1E-7',
        '2e308',
        '1e309',
        '12345678901234567890',
        '18446744073709551616',
        '0.10000000000000001',
        '5e-324',
      ]);
    case 1:
      return random.pick(['true', 'false', 'null']);
    case 2:
    case 3:
      return string(random);
    case 4:
      return '1'.repeat(random.pick([1, 15, 17, 299, 301, 309, 400]));
    case 5:
      return random.pick(['', ' ', '\ufeff1', '01', '+1', '1.', '.5', 'NaN', 'tru', "'a'"]);
    case 6:
      return `[${some(() => text(random, depth - 1))}]`;
    case 7: {
      const deep = 55 + random.below(20);
      return `${'['.repeat(deep)}${text(random, 0)}${']'.repeat(deep)}`;
    }
    default:
      return `{${some(() => `${string(random)}:${text(random, depth - 1)}`)}}`;
  }
}

function string(random: Random): string {
  const parts = [
    'a',
    '@type',
    'sealwire.',
    '__proto__',
    '\\u005f_proto__',
    '\\"',
    '\\\\',
    '\\u12',
    '\\ud800',
    '\u00e9',
    '\n',
    '{[',
    '',
  ];
  return `"${random.pick(parts)}${random.pick(parts)}"`;
}
