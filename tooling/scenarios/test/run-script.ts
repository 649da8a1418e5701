import {
  ClientStage,
  clientCommands,
  compile,
  parseScript,
  run,
  ServerStage,
  serverCommands,
} from '@sealwire/scenarios';

/** Runs every scenario of a text, in every layout. */
export async function runScript(text: string): Promise<void> {
  const { side, scenarios } = parseScript('test.wire', text);
  for (const scenario of scenarios) {
    if (side === 'server') {
      const program = compile(scenario, side, serverCommands);
      for (const layout of program.layouts) {
        await run(program, layout, (made, chosen) => new ServerStage(made, chosen));
      }
    } else {
      const program = compile(scenario, side, clientCommands);
      for (const layout of program.layouts) {
        await run(program, layout, (made, chosen) => new ClientStage(made, chosen));
      }
    }
  }
}

/** A scenario with these lines. */
export function against(side: 'server' | 'client', ...lines: string[]): string {
  return [`against ${side}`, 'scenario a test [N1]', ...lines.map((line) => `  ${line}`)].join('\n');
}
