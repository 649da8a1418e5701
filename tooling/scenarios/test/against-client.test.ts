import { ClientStage, clientCommands, compile, loadScripts, run } from '@sealwire/scenarios';
import { describe, it } from 'vitest';

describe.each(loadScripts('client'))('$file', ({ scenarios }) => {
  describe.concurrent.each(scenarios.map((scenario) => compile(scenario, 'client', clientCommands)))(
    '$scenario.title $scenario.ids',
    (program) => {
      it.each(program.layouts)('%s', { timeout: 60_000 }, async (layout) => {
        await run(program, layout, (made, chosen) => new ClientStage(made, chosen));
      });
    },
  );
});
