// Commits more than the disk has room for, and prints what came of it and by how much the file has grown.
import { statSync } from 'node:fs';
import { openLmdbStore } from '../dist/index.js';
import { codeOf } from './child-tools.mjs';

const [path, file] = process.argv.slice(2);
const store = await openLmdbStore(path);
await store.commit({ publishes: [{ clientId: 'a', json: new Uint8Array(9), timestamp: 0 }] }).flushed;
const before = statSync(file).size;
const puts = Array.from({ length: 4 }, (_, n) => ({ key: String(n), value: new Uint8Array(4_000_000) }));
const code = await codeOf(store.commit({ puts }).flushed);
console.log(JSON.stringify([code, statSync(file).size - before]));
await store.close();
