// Removes very much in one commit from a store whose file may hardly become larger, and prints what came of it as one line of JSON.
import { openLmdbStore } from '../dist/index.js';
import { codeOf } from './child-tools.mjs';

const [path] = process.argv.slice(2);
const store = await openLmdbStore(path);
const told = {};

const put = (key, value) => store.commit({ puts: [{ key, value }] }).flushed;
const claims = async (count, name) => {
  const made = Array.from({ length: count }, (_, n) =>
    codeOf(store.claim(`${name} ${n}`.padEnd(200, '.'), 'any')),
  );
  return (await Promise.all(made)).every((code) => code === 'kept');
};

let large = 0;
while ((await codeOf(put(`large ${large}`, new Uint8Array(16_000_000)))) === 'kept') large += 1;
for (let small = 0; (await codeOf(put(`small ${small}`, new Uint8Array(100_000)))) === 'kept'; ) small += 1;
// Takes what is left for claims, but not so much that a commit with a few rows would be turned away.
for (let round = 0; await claims(Number(process.argv[3]), round); ) round += 1;

const removal = (from, to) => ({
  puts: Array.from({ length: to - from }, (_, n) => ({ key: `large ${from + n}`, value: null })),
});
told.large = large;
told.all = await codeOf(store.commit(removal(0, large)).flushed);
for (let n = 0; n < large && told.all !== 'kept'; n++) {
  const code = await codeOf(store.commit(removal(n, n + 1)).flushed);
  told[code] = (told[code] ?? 0) + 1;
}
told.claim = await codeOf(store.claim('a', 'any'));
told.later = await codeOf(put('later', new Uint8Array(1_000_000)));
await store.close();
process.stdout.write(`${JSON.stringify(told)}\n`);
