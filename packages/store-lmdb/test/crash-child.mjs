// A server's load on the built package, until it is killed. What was confirmed is told in lines on the standard output.
import { writeSync } from 'node:fs';
import { openLmdbStore } from '../dist/index.js';

const [path, seed] = process.argv.slice(2);
const CLIENTS = 8;
const text = new TextEncoder();

let state = Number(seed) >>> 0;
function random(below) {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}

/** Each commit consumes one message, publishes to some clients, and puts down which message that was. */
async function handle(store, clientId) {
  const { epoch, lastSequence } = await store.claim(clientId, 'any');
  for (let sequence = lastSequence + 1n; ; ) {
    const receipts = [];
    for (let many = 1 + random(4); many > 0; many--, sequence += 1n) {
      const count = random(4);
      const publishes = Array.from({ length: count }, (_, n) => ({
        clientId: `client-${random(CLIENTS)}`,
        json: text.encode(
          JSON.stringify({ by: clientId, sequence: `${sequence}`, n, count, pad: 'x'.repeat(random(600)) }),
        ),
        timestamp: 0,
      }));
      const puts = [{ key: `last/${clientId}`, value: text.encode(`${sequence}`) }];
      const consumed = sequence;
      const { flushed } = store.commit({ session: { clientId, epoch }, sequence, publishes, puts });
      receipts.push(
        flushed.then((orders) => {
          const told = orders.map((order, n) => [publishes[n].clientId, `${order}`]);
          writeSync(1, `${JSON.stringify({ clientId, sequence: `${consumed}`, told })}\n`);
        }),
      );
    }
    await Promise.all(receipts);
  }
}

const store = await openLmdbStore(path);
writeSync(1, '"ready"\n');
await Promise.all(Array.from({ length: CLIENTS }, (_, n) => handle(store, `client-${n}`)));
