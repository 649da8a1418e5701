import type { Benchmark } from './benchmark.js';
import { backlog } from './reliability/backlog.js';
import { descriptors } from './reliability/descriptors.js';
import { halfOpen } from './reliability/half-open.js';
import { oneRead } from './reliability/one-read.js';
import { replay } from './reliability/replay.js';
import { retention } from './reliability/retention.js';
import { slowDisk } from './reliability/slow-disk.js';
import { stalledReaders } from './reliability/stalled-readers.js';
import { storm } from './reliability/storm.js';
import { sustained } from './reliability/sustained.js';
import { call } from './speed/call.js';
import { fanOut } from './speed/fan-out.js';
import { handshakes } from './speed/handshakes.js';
import { idle } from './speed/idle.js';
import { longLog } from './speed/long-log.js';
import { manySessions } from './speed/many-sessions.js';
import { push } from './speed/push.js';
import { pushDurable } from './speed/push-durable.js';
import { pushHardened } from './speed/push-hardened.js';
import { receive } from './speed/receive.js';
import { seal } from './speed/seal.js';
import { send } from './speed/send.js';
import { size } from './speed/size.js';
import { xdr } from './speed/xdr.js';

export type Suite = 'speed' | 'reliability';

export const suiteNames: readonly Suite[] = ['speed', 'reliability'];

/** In the order in which they run. */
export const suites: Readonly<Record<Suite, readonly Benchmark[]>> = {
  speed: [
    xdr,
    seal,
    push,
    pushHardened,
    pushDurable,
    send,
    receive,
    call,
    handshakes,
    idle,
    fanOut,
    backlog,
    manySessions,
    longLog,
    size,
  ],
  reliability: [
    backlog,
    replay,
    stalledReaders,
    storm,
    halfOpen,
    sustained,
    oneRead,
    slowDisk,
    retention,
    descriptors,
  ],
};

export const benchmarks: readonly Benchmark[] = [...new Set([...suites.speed, ...suites.reliability])];
