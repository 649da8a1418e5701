import { compile, loadScripts, run, ServerStage, serverCommands } from '@sealwire/scenarios';
import { describe, it } from 'vitest';

describe.each(loadScripts('server'))('$file', ({ scenarios }) => {
  describe.concurrent.each(scenarios.map((scenario) => compile(scenario, 'server', serverCommands)))(
    '$scenario.title $scenario.ids',
    (program) => {
      it.each(program.layouts)('%s', { timeout: 60_000 }, async (layout) => {
        await run(program, layout, (made, chosen) => new ServerStage(made, chosen));
      });
    },
  );
});
