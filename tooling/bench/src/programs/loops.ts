import { answerCalls } from '../lab/process.js';
import { now } from '../lab/time.js';
import type { Loops } from '../loops/loop.js';

/** Looking at the clock takes time, too. */
const betweenLooks = 32;

let loops: Loops = {};
let sink = 0;

const calls = {
  /** @param file in `loops/`, without its ending */
  async load(file: string): Promise<void> {
    loops = ((await import(`../loops/${file}.js`)) as { loops: Loops }).loops;
  },
  /** Operations a second. */
  rate(name: string, ms: number): number {
    const loop = loops[name];
    if (loop === undefined) throw new Error(`there is no loop ${name}`);
    const began = now();
    let calls = 0;
    let ended = began;
    for (; ended < began + ms; ended = now(), calls += betweenLooks) {
      for (let n = 0; n < betweenLooks; n++) sink += loop.run();
    }
    if (Number.isNaN(sink)) throw new Error(`${name} gives what is no number`);
    return (1_000 * calls * (loop.operations ?? 1)) / (ended - began);
  },
};

export type LoopCalls = typeof calls;

answerCalls(calls);
