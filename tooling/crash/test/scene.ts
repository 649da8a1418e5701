import { type Program, stopPrograms } from '@sealwire/test-support';
import { afterEach, expect } from 'vitest';
import { violationText } from '../src/run/report.js';
import { Stage } from '../src/run/stage.js';

/** Shorter than the defaults, so that a dead link is noticed sooner. */
export const deadlines = { heartbeat: 300, silence: 1_500, ping: 600, pong: 1_500 };
/** Real processes on a busy machine. */
export const patient = { timeout: 240_000 };

/** A stage of its own for each test, gone at its end; kept where something broke. */
export function scenes() {
  const stages: Stage[] = [];
  afterEach(async () => {
    await stopPrograms();
    for (const stage of stages.splice(0)) await stage.close();
  });
  return async (...args: Parameters<typeof Stage.open>): Promise<Stage> => {
    const stage = await Stage.open(...args);
    stages.push(stage);
    return stage;
  };
}

/** Resolves with the first line that matches, from here on. */
export const said = (program: Program, pattern: RegExp): Promise<RegExpExecArray> =>
  program.lines.find((line) => pattern.exec(line) ?? undefined, 60_000);

/** Resolves when a client has had so many outcomes. */
export async function confirmed(stage: Stage, id: string, count: number): Promise<void> {
  const outcomes = () => stage.clientRecords(id).filter(({ kind }) => kind === 'outcome').length;
  await expect.poll(outcomes, { timeout: 60_000, interval: 100 }).toBeGreaterThanOrEqual(count);
}

/** What broke, in words; nothing, if nothing did. */
export async function broken(stage: Stage): Promise<readonly string[]> {
  return (await stage.check()).map((violation) => violationText(violation, stage.folder));
}
