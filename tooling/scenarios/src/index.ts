export { compile, type Program } from './language/compile.js';
export { parseScript, type Scenario, type Script, type Side } from './language/script.js';
export { type Position, ScriptError } from './language/script-error.js';
export { loadScripts } from './load.js';
export { clientCommands } from './run/client-commands.js';
export { ClientStage } from './run/client-stage.js';
export { run, ScenarioFailure } from './run/run.js';
export { serverCommands } from './run/server-commands.js';
export { ServerStage } from './run/server-stage.js';
export { parseCatalogue, type Section } from './table/catalogue.js';
export type { Evidence } from './table/evidence.js';
export { readTables } from './table/files.js';
export { problems, renderPage } from './table/page.js';
export {
  double,
  Fields,
  hyper,
  isPss,
  type Layout,
  oaep,
  opaque,
  open,
  pss,
  seal,
  unOaep,
  word,
} from './wire/protocol.js';
