// Keeps LMDB's lock for writing until its standard input ends: to the store, a flush that takes as long.
import { readSync } from 'node:fs';
import { open } from 'lmdb';

const db = open(process.argv[2], {
  keyEncoding: 'binary',
  encoding: 'binary',
  noSubdir: true,
  mapSize: 1 << 30,
});
db.transactionSync(() => {
  process.stdout.write('held\n');
  while (readSync(0, new Uint8Array(1)) > 0);
});
await db.close();
