import { expect, it } from 'vitest';
import { type Codec, decode, encode, hyper, lazy, optional, string, struct, varArray } from '../src/index.js';
import { refusal } from './support.js';

interface List {
  item: bigint;
  next?: List | undefined;
}
const list: Codec<List> = struct({ item: hyper, next: optional(lazy(() => list)) });
interface Tree {
  name: string;
  children: Tree[];
}
const tree: Codec<Tree> = struct({ name: string(), children: varArray(lazy(() => tree)) });

const words = (...numbers: number[]) => Uint8Array.from(numbers.flatMap((number) => [0, 0, 0, number]));

it('tells the end of a path that is too long, and how it failed', () => {
  const bytes = words(...Array<number[]>(300).fill([0, 0, 1]).flat());
  const { code, path, message } = refusal(() => decode(list, bytes));
  expect(code).toBe('E_DEPTH');
  expect(path).toMatch(/^(next\.){40}next$/);
  expect(message).toBe(`${path}: deeper than 256 (byte ${12 * 257})`);
});

it('does so for indices, and where a value is written', () => {
  const bytes = words(...Array<number[]>(300).fill([0, 1]).flat());
  expect(refusal(() => decode(tree, bytes)).path).toMatch(/^(\[0\]\.)?(children\[0\]\.)+children\[0\]$/);
  let value: Tree = { name: 'leaf', children: [] };
  for (let depth = 0; depth < 300; depth += 1) value = { name: '', children: [value] };
  const { path, message } = refusal(() => encode(tree, value));
  expect(path.length).toBeLessThan(220);
  expect(message.startsWith(`${path}: deeper than 256`)).toBe(true);
});

it('tells a shorter one whole', () => {
  const bytes = words(...Array<number[]>(20).fill([0, 0, 1]).flat());
  expect(refusal(() => decode(list, bytes)).path).toBe([...Array(20).fill('next'), 'item'].join('.'));
});
