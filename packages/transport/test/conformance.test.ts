import { describe, it } from 'vitest';
import { memoryTransport } from '../src/index.js';
import { linkSuite } from '../src/testkit.js';

/** Short, because the facts wait for it. */
const closeTimeout = 1_000;

for (const batching of ['kept', 'split'] as const) {
  const transport = memoryTransport({
    up: { batching, jitter: batching === 'split' ? 2 : 0 },
    down: { batching },
    closeTimeout,
  });
  const end = { holdsBack: true, pausing: true, pinging: true, hearing: true, cutting: true, allCodes: true };
  linkSuite(
    { describe, it },
    {
      name: `memory, batches ${batching}`,
      listen: transport.listen,
      dialer: () => transport.dial,
      client: end,
      server: end,
      closeTimeout,
      async sendText() {
        await transport.dial({ signal: new AbortController().signal });
        for (const pair of transport.pairs) pair.faults.up.text();
      },
    },
  );
}

const plain = memoryTransport({ pausing: false, pinging: false, closeTimeout });
const end = { holdsBack: true, pausing: false, pinging: false, hearing: true, cutting: true, allCodes: true };
linkSuite(
  { describe, it },
  {
    name: 'memory without capabilities',
    listen: plain.listen,
    dialer: () => plain.dial,
    client: end,
    server: end,
    closeTimeout,
  },
);
