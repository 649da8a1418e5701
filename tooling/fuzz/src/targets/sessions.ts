import type { Target } from '../engine/target.js';
import { HardenedPair } from '../sessions/hardened-pair.js';
import { WatchedClient } from '../sessions/watched-client.js';
import { WatchedServer } from '../sessions/watched-server.js';
import { Script, script, utf8 } from '../support/script.js';

const source = (name: string) => `packages/session/dist/${name}.js`;

/** Hello, who it is, welcome, proof, claim: a session of a server that lives. */
const served = script(0, 3, 0, 0, 5, 0, 0, 1, 3, 0, 3, 6, 0);

export const serverSession: Target = {
  name: 'session-server',
  sources: ['server-session', 'server-handshake', 'liveness', 'requests'].map(source),
  share: 2,
  seeds: () =>
    [0, 1, 2].flatMap((layout) => [
      script(0, layout, 1, served, 0, 1, 7, 3, 0, 1, 7, 3, 10, 0, 0, 2, 49, 50, 12, 7, 5, 7, 5),
      script(8, layout, 0, served, 1, 1, 0, 0, 2, 49, 49, 7, 0, 9, 3, 11, 0, 0),
      script(16, layout, 0, served, 7, 4, 15, 1, 1, 0, 3, 3, 3, 13, 1, 2, 110, 111),
    ]),
  run(input, probe) {
    new WatchedServer(new Script(input), probe).play();
  },
};

/** Hello, welcome, proof: a session of a client that is ready. */
const ready = script(3, 0, 3, 1, 1, 0, 0, 3);

export const clientSession: Target = {
  name: 'session-client',
  sources: ['client-session', 'client-handshake'].map(source),
  share: 2,
  seeds: () =>
    [0, 1].flatMap((layout) => [
      script(0, layout, 0, ready, 6, 0, 0, 1, 2, 123, 125, 0, 8, 0, 2, 123, 125, 3, 10, 7, 8),
      script(16, layout, 1, ready, 3, 9, 0, 2, 123, 125, 3, 10, 1, 0, 1, 49, 0, 0, 1, 0, 2, 104, 105, 1),
      script(0, layout, 2, ready, 13, 0, 1, 49, 2, 3, 5, 7, 10),
      script(0, layout, 0, 3, 0, 3, 0, 20, utf8('{"a":1,"b":2,"c":333}')),
    ]),
  run(input, probe) {
    new WatchedClient(new Script(input), probe).play();
  },
};

/** Hello, welcome, proof, and the first sealed frame of the server. */
const met = script(0, 0, 0, 1, 3, 0, 0, 1, 3);

export const hardenedSessions: Target = {
  name: 'session-hardened',
  sources: ['client-session', 'client-handshake', 'server-session', 'server-handshake', 'frame-cipher'].map(
    source,
  ),
  share: 0.2,
  seeds: () => [
    script(met, 2, 49, 2, 50, 3, 51, 4, 52, 0, 3, 1, 3),
    ...[6, 7, 8, 9, 11].flatMap((attack) =>
      [0, 1].map((way) => script(met, 2, 49, 2, 50, 4, 51, 4, 52, attack, way, 0, 20, 1, 0, 3, 1, 3)),
    ),
    script(9, 0, 0, 20, 1, met, 2, 49, 0, 3),
    script(met, 10, 0, 1, 5, 3, 5, 4, 2, 49, 0, 3),
  ],
  run(input) {
    new HardenedPair(new Script(input)).play();
  },
};
