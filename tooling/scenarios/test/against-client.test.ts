import { ClientStage, clientCommands, compile, loadScripts, run } from '@sealwire/scenarios';
import { describe, it } from 'vitest';

describe.concurrent.each(loadScripts('client'))('$file', ({ scenarios }) => {
  describe.each(scenarios.map((scenario) => compile(scenario, 'client', clientCommands)))(
    '$scenario.title $scenario.ids',
    (program) => {
      it.each(program.layouts)('%s', { timeout: 300_000 }, async (layout) => {
        await run(program, layout, (made, chosen) => new ClientStage(made, chosen));
      });
    },
  );
});
