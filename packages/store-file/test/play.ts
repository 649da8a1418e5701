import type { ClientChange, ClientState } from '@sealwire/store';
import { type Call, codeOf, type History, perform } from './history.js';

/** A call as a part of what there is, so that any list of steps makes sense. */
export type Step =
  | { readonly kind: 'append'; readonly sizes: readonly number[] }
  | { readonly kind: 'trim'; readonly part: number }
  | { readonly kind: 'save'; readonly change: ClientChange }
  /** Waits for everything called for so far. */
  | { readonly kind: 'wait' }
  /** Gives the disk the time of one call. */
  | { readonly kind: 'turn' };

/**
 * Plays the steps on a state and on its history. Gives the code of the first failure that is not the contract's,
 * once everything has settled; never settles if the disk has stopped.
 */
export async function play(
  state: ClientState,
  history: History,
  steps: readonly Step[],
): Promise<string | undefined> {
  const waiting: Promise<void>[] = [];
  let failure: string | undefined;
  for (const step of steps) {
    if (step.kind === 'wait') await Promise.all(waiting);
    else if (step.kind === 'turn') await new Promise((resolve) => setImmediate(resolve));
    else {
      const call = await concrete(step, history);
      const refusal = await history.call(call);
      const number = history.length;
      waiting.push(
        perform(state, call).then(
          () => {
            if (refusal !== undefined) throw new Error(`resolved where ${refusal} was expected`);
            history.confirm(number);
          },
          (error) => {
            const code = codeOf(error);
            if (code !== refusal) failure ??= code;
          },
        ),
      );
    }
    if (failure !== undefined) break;
  }
  await Promise.all(waiting);
  return failure;
}

async function concrete(step: Exclude<Step, { kind: 'wait' | 'turn' }>, history: History): Promise<Call> {
  const { nextIndex, outbox } = await history.model();
  if (step.kind === 'append') return { kind: 'append', from: nextIndex, sizes: step.sizes };
  if (step.kind === 'save') return step;
  const count = Math.floor(outbox.length * step.part);
  return { kind: 'trim', upTo: nextIndex - BigInt(outbox.length) + BigInt(count) - 1n };
}
