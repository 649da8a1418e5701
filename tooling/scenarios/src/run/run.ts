import type { Program, Step } from '../language/compile.js';
import type { Layout } from '../wire/protocol.js';
import type { Part } from './common-bytes.js';
import type { Stage } from './stage.js';

/** A run that went otherwise than its scenario says; the message begins with `file:line`. */
export class ScenarioFailure extends Error {
  override readonly name = 'ScenarioFailure';
}

/** Does one step; what goes wrong is told with its place. */
export async function act<S>(stage: S, { position, text, act }: Step<S>): Promise<void> {
  try {
    await act(stage);
  } catch (cause) {
    if (cause instanceof ScenarioFailure) throw cause;
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new ScenarioFailure(`${position.file}:${position.line}: ${clip(text)}: ${words}`, { cause });
  }
}

/**
 * Runs a scenario once, and looks at the end for what nobody waited for.
 *
 * @throws ScenarioFailure
 */
export async function run<S extends Stage<Part>>(
  program: Program<S>,
  layout: Layout,
  makeStage: (program: Program<S>, layout: Layout) => S,
): Promise<void> {
  const stage = makeStage(program, layout);
  const { position } = program.scenario;
  const around = (text: string, work: () => Promise<void>): Step<S> => ({ position, text, act: work });
  try {
    await act(
      stage,
      around('to begin', () => stage.start()),
    );
    for (const step of program.steps) await act(stage, step);
    await act(
      stage,
      around('to end', () => stage.finish()),
    );
  } finally {
    await stage.dispose();
  }
}

function clip(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
