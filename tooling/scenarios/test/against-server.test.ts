import { compile, loadScripts, run, ServerStage, serverCommands } from '@sealwire/scenarios';
import { describe, it } from 'vitest';

describe.concurrent.each(loadScripts('server'))('$file', ({ scenarios }) => {
  describe.each(scenarios.map((scenario) => compile(scenario, 'server', serverCommands)))(
    '$scenario.title $scenario.ids',
    (program) => {
      it.each(program.layouts)('%s', { timeout: 300_000 }, async (layout) => {
        await run(program, layout, (made, chosen) => new ServerStage(made, chosen));
      });
    },
  );
});
