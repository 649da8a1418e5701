import { connect } from '@sealwire/client';
import { serve } from '@sealwire/server';
import * as sim from '@sealwire/simulation';

const clock = new sim.SimClock();
const random = sim.seededRandom('my test');
const listeners: sim.Listeners = new Set();
const kept: string[] = [];
const journal = {
  staged() {},
  claimed() {},
  kept: ({ sequence }: { sequence?: bigint }) =>
    void (sequence !== undefined && kept.push(`SEQUENCE ${sequence}`)),
};
const database = new sim.SimDatabase(
  clock,
  random,
  { pace: { flush: 50, tell: 5 }, maxEntries: 1_000, orderStep: 1 },
  journal,
);

async function startServer(name: string): Promise<sim.SimProcess> {
  const process = new sim.SimProcess(name, clock);
  const { crypto, publicKey, privateKey } = sim.stubCrypto(process, random.fork(name), 1);
  await serve({
    listen: sim.listenAmong(listeners, process),
    serverKey: privateKey('server'),
    clients: new Map([['alice', { publicKey: publicKey('alice') }]]),
    crypto,
    store: sim.simStore(database, process),
    scheduler: process.scheduler,
    onMessage: (_, tx) => tx.put('seen', new Uint8Array(1)),
  });
  return process;
}

const first = await startServer('server 1');
const alice = new sim.SimProcess('alice', clock);
const network = new sim.SimNetwork(clock, random.fork('network'), { delay: 20 }, listeners);
const { crypto, publicKey, privateKey } = sim.stubCrypto(alice, random.fork('alice'), 1);
const connecting = connect({
  dial: network.dialer(alice),
  clientId: 'alice',
  clientKey: privateKey('alice'),
  serverKey: publicKey('server'),
  crypto,
  scheduler: alice.scheduler,
  random: random.next,
  checkpoint: true,
});
await sim.runUntil(clock, 1_000, () => false);
const client = await connecting;

const outcome = client.send({ hello: 'world' }).then((sent) => sent.outcome);
await sim.runUntil(clock, clock.now + 25, () => false);
first.kill();
network.lose(first, false);
database.disk.crash();
console.log(network.open); // prints: 1

await startServer('server 2');
await sim.runUntil(clock, clock.now + 60_000, () => false);
console.log((await outcome).kind); // prints: accepted
console.log(kept); // prints: [ 'SEQUENCE 0' ]
