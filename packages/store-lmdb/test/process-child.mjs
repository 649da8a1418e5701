// Opens the store of the built package and says what came of it; then does what it is told, line by line.
import { createInterface } from 'node:readline';
import { openLmdbStore } from '../dist/index.js';

const say = (what) => process.stdout.write(`${what}\n`);
let store;
for await (const line of createInterface({ input: process.stdin })) {
  const [what, path] = line.split(' ');
  try {
    if (what === 'open') store = await openLmdbStore(path);
    if (what === 'publish' || what === 'fill') {
      const json = new Uint8Array(what === 'fill' ? 40_000 : 1);
      await store.commit({ publishes: [{ clientId: 'a', json, timestamp: 0 }] }).flushed;
    }
    if (what === 'close') await store.close();
    say('done');
  } catch (error) {
    say(`${error.code} ${error.message}`);
  }
}
