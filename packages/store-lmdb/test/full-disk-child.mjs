// Works on a store of the built package whose disk is full, and prints what came of it as one line of JSON.
import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { openLmdbStore } from '../dist/index.js';
import { codeOf } from './child-tools.mjs';

/** @param hog a file that takes all of the disk; without it the store's own values do, up to the size that a file may have */
const [path, hog] = process.argv.slice(2);
const store = await openLmdbStore(path);
const told = {};

async function tally(name, promise) {
  const code = await codeOf(promise);
  told[name] ??= {};
  told[name][code] = (told[name][code] ?? 0) + 1;
  return code;
}
const publish = (text) =>
  store.commit({ publishes: [{ clientId: 'a', json: new TextEncoder().encode(text), timestamp: 0 }] })
    .flushed;
const large = (n) => ({ puts: [{ key: `large ${n}`, value: new Uint8Array(100_000) }] });

await publish('before');
let { epoch, lastSequence } = await store.claim('a', 'any');
let values = 0;
if (hog === undefined) while ((await codeOf(store.commit(large(values)).flushed)) === 'kept') values += 1;
else {
  const file = openSync(hog, 'w');
  try {
    for (;;) writeSync(file, Buffer.alloc(4096));
  } catch {
    closeSync(file);
  }
  if (statfsSync(dirname(hog)).bavail > 0) throw new Error('the disk is not full');
}

for (let n = 0; n < 1000; n++) {
  const session = { clientId: 'a', epoch };
  if ((await tally('consumes', store.commit({ session, sequence: lastSequence + 1n }).flushed)) === 'kept') {
    lastSequence += 1n;
  }
  if (n < 300) await tally('newClients', store.claim(`${'stranger '.repeat(20)}${n}`, 'any'));
  if (n % 10 === 0) await tally('adds', store.commit(large('more')).flushed);
  if (n % 100 !== 0) continue;
  if ((await tally('claims', store.claim('a', 'any'))) === 'kept') epoch += 1n;
  const { entries } = await store.readLog('a', 0n, { count: 10, bytes: 1000 });
  await tally('reads', entries.length === 1 ? Promise.resolve() : Promise.reject(new Error('not read')));
}

if (hog !== undefined) rmSync(hog);
else {
  const removals = Array.from({ length: values }, (_, n) => ({ key: `large ${n}`, value: null }));
  told.removed = await codeOf(store.commit({ puts: removals }).flushed);
}
told.later = await codeOf(publish('later'));
await store.close();

const again = await openLmdbStore(path);
const { entries } = await again.readLog('a', 0n, { count: 10, bytes: 1000 });
told.texts = entries.map(({ json }) => new TextDecoder().decode(json));
const record = await again.read('a');
told.agrees = record.lastSequence === lastSequence && record.epoch === epoch;
await again.close();
process.stdout.write(`${JSON.stringify(told)}\n`);
