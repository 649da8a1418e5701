// What `npm test`, `npm run test:browser`, `npm run soak`, `npm run pack` and `npm run demo` do on a machine with nothing but Node and npm: bring pnpm, install,
// build, run.
// Plain JavaScript without dependencies, because it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { packageManager, engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Each task: commands of the workspace's own tools, then perhaps one of pnpm, or a program that goes on in this process. */
const tasks = {
  test: {
    commands: [
      ['turbo', 'boundaries', '--no-color'],
      ['biome', 'check', '--error-on-warnings', '.'],
      ['turbo', 'run', 'build', 'typecheck', 'test', '--continue', '--output-logs=new-only'],
    ],
  },
  'test:browser': { commands: [['turbo', 'run', 'test:browser', '--output-logs=new-only']] },
  // One after the other: each uses all cores, and what it measures should not depend on its neighbours.
  soak: {
    commands: [['turbo', 'run', 'soak', '--continue', '--concurrency=1', '--output-logs=new-only']],
  },
  pack: {
    commands: [['turbo', 'run', 'build', '--filter=./packages/*', '--output-logs=errors-only']],
    pnpm: ['--recursive', '--filter=./packages/*', 'pack', '--pack-destination', join(root, 'packed')],
  },
  demo: {
    commands: [['turbo', 'run', 'build', '--filter=@sealwire/demo-*...', '--output-logs=errors-only']],
    program: 'apps/demo-client/dist/demo.js',
  },
  'demo:server': {
    commands: [['turbo', 'run', 'build', '--filter=@sealwire/demo-server...', '--output-logs=errors-only']],
    program: 'apps/demo-server/dist/main.js',
  },
  'demo:client': {
    commands: [['turbo', 'run', 'build', '--filter=@sealwire/demo-client...', '--output-logs=errors-only']],
    program: 'apps/demo-client/dist/main.js',
  },
};

const [name, ...args] = process.argv.slice(2);
const task = tasks[name] ?? stop(`Unknown task "${name}". Known are: ${Object.keys(tasks).join(', ')}.`);
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  stop(
    `Sealwire needs Node ${engines.node}; this is ${process.version}. Install a newer Node and try again.`,
  );
}

const environment = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', COREPACK_ENABLE_DOWNLOAD_PROMPT: '0' };
const pnpm = findPnpm();
if (!isInstalled()) {
  if (task.program !== undefined) console.error('Installing the dependencies …');
  const install = [...pnpm, 'install', '--frozen-lockfile', '--prefer-offline'];
  if (!run(install, { quiet: task.program !== undefined }))
    stop(`"${install.join(' ')}" failed: is the npm registry within reach?`, 1);
}
if (task.program !== undefined) console.error('Building what has changed …');
// All of them run, so that a fault of style does not hide what is wrong besides.
const failed = task.commands.filter(
  (command) => !run([...pnpm, 'exec', ...command], { quiet: task.program !== undefined }),
);
if (failed.length > 0) {
  const hint = failed.some(([tool]) => tool === 'biome')
    ? ' "npx pnpm format" mends what can be mended by itself.'
    : '';
  stop(`Failed: ${failed.map((command) => command.join(' ')).join('; ')}.${hint}`, 1);
}

if (task.pnpm !== undefined && !run([...pnpm, ...task.pnpm], { quiet: true })) {
  stop(`Failed: pnpm ${task.pnpm.join(' ')}.`, 1);
}
if (task.program !== undefined) {
  // In this process, so that signals, the terminal and the exit code are the program's own.
  const program = join(root, task.program);
  process.argv = [process.execPath, program, ...args];
  // npm runs scripts in the root of the repository; the paths among the arguments are the caller's.
  process.chdir(process.env.INIT_CWD ?? process.cwd());
  await import(pathToFileURL(program).href);
}

/** The pinned pnpm if it is there, else the one that npx fetches. */
function findPnpm() {
  const found = spawn(['pnpm', '--version'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const version = packageManager.split('@')[1];
  if (found.status === 0 && found.stdout.toString().trim() === version) return ['pnpm'];
  return ['npx', '--yes', '--loglevel=error', packageManager];
}

/** pnpm keeps a copy of the lockfile that it installed. */
function isInstalled() {
  const installed = join(root, 'node_modules/.pnpm/lock.yaml');
  return existsSync(installed) && readFileSync(installed).equals(readFileSync(join(root, 'pnpm-lock.yaml')));
}

/** @returns whether it succeeded; a quiet command shows what it had to say only where it failed */
function run(command, { quiet }) {
  const result = spawn(command, {
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
  });
  const succeeded = result.status === 0;
  if (quiet && !succeeded) {
    process.stderr.write(Buffer.concat([result.stdout ?? Buffer.of(), result.stderr ?? Buffer.of()]));
  }
  return succeeded;
}

function spawn([program, ...programArgs], options) {
  const maxBuffer = 64 * 1024 * 1024;
  // On Windows npx and pnpm are command scripts, which only a shell starts.
  const shell = process.platform === 'win32';
  return spawnSync(program, programArgs, { cwd: root, env: environment, maxBuffer, shell, ...options });
}

function stop(sentence, code = 2) {
  console.error(sentence);
  process.exit(code);
}
