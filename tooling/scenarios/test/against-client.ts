import { ClientStage, clientCommands, compile, type loadScripts, run } from '@sealwire/scenarios';
import { describe, it } from 'vitest';

type LoadedScript = ReturnType<typeof loadScripts>[number];

/** It holds up the process and all that runs beside it, whose deadlines go on: it needs a process of its own. */
export function holdsUp({ file }: LoadedScript): boolean {
  return file === 'wire/client/stalls.wire';
}

/** A test for each scenario and layout; the scripts run side by side. */
export function againstClient(scripts: readonly LoadedScript[]): void {
  describe.concurrent.each(scripts)('$file', ({ scenarios }) => {
    describe.each(scenarios.map((scenario) => compile(scenario, 'client', clientCommands)))(
      '$scenario.title $scenario.ids',
      (program) => {
        it.each(program.layouts)('%s', { timeout: 300_000 }, async (layout) => {
          await run(program, layout, (made, chosen) => new ClientStage(made, chosen));
        });
      },
    );
  });
}
