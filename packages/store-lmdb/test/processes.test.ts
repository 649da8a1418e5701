import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, expect, it } from 'vitest';
import { openLmdbStore } from '../src/index.js';
import { metaKey } from '../src/keys.js';
import { scratch } from './scratch.js';
import { expectCode, publish, textsOf, withRows } from './tools.js';

const { directory, remove } = scratch();
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(remove);

const script = fileURLToPath(new URL('process-child.mjs', import.meta.url));

function processOf(...command: readonly string[]) {
  const [name = 'node', ...args] = command.length === 0 ? ['node', script] : command;
  const child = spawn(name, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    pid: child.pid,
    do: async (line: string): Promise<string> => {
      child.stdin.write(`${line}\n`);
      return (await lines.next()).value;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

it('refuses a second process, names the first, and lets it in after the first has closed [D6]', async () => {
  const path = directory();
  const [first, second] = [processOf(), processOf()];
  expect(await first.do(`open ${path}`)).toBe('done');
  expect(await first.do('publish')).toBe('done');
  for (let again = 0; again < 2; again++) {
    const refused = await second.do(`open ${path}`);
    expect(refused).toContain('E_LOCKED');
    expect(refused).toContain(`process ${first.pid} `);
  }
  await expectCode(openLmdbStore(path), 'E_LOCKED');
  expect(await first.do('publish')).toBe('done');
  expect(await first.do('close')).toBe('done');
  expect(await second.do(`open ${path}`)).toBe('done');
  expect(await second.do('publish')).toBe('done');
  expect(await second.do('close')).toBe('done');
  const store = await openLmdbStore(path);
  expect((await store.read('a')).head).toBe(3n);
  await store.close();
});

it('lets the next process in after the first was killed [D6]', async () => {
  const path = directory();
  const [first, second] = [processOf(), processOf()];
  expect(await first.do(`open ${path}`)).toBe('done');
  expect(await first.do('publish')).toBe('done');
  await first.kill();
  expect(await second.do(`open ${path}`)).toBe('done');
  expect(await second.do('publish')).toBe('done');
});

it('lets one of several in that open it at the same moment [D6]', async () => {
  const path = directory();
  const rivals = [processOf(), processOf(), processOf()];
  const outcomes = await Promise.all(rivals.map((rival) => rival.do(`open ${path}`)));
  expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1);
  expect(outcomes.filter((outcome) => outcome.startsWith('E_LOCKED'))).toHaveLength(2);
});

it('commits nothing once another process owns the store, however it came to that [D6, P13]', async () => {
  const path = directory();
  const store = await openLmdbStore(path);
  await publish(store, 'a', 'mine');
  // What a process does that cannot see this one, because it runs in a container of its own.
  await withRows(path, (rows) => rows.put(metaKey('owner'), Buffer.alloc(16, 7)));
  expect(await expectCode(publish(store, 'a', 'late'), 'E_LOCKED')).toContain('took');
  await expectCode(store.claim('a', 'any'), 'E_LOCKED');
  expect(await textsOf(store, 'a')).toEqual(['mine']);
  await store.close();
  await withRows(path, (rows) => expect(rows.all(1).map(({ value }) => value[0])).toContain(7));
});

it('stops writing for good, and keeps what was confirmed, when the file cannot be written [D4]', async () => {
  const path = directory();
  const store = await openLmdbStore(path);
  await publish(store, 'a', 'before');
  await store.close();
  // The limit on the size of files (in blocks of 512 bytes) stands for a disk that fails.
  const child = processOf('sh', '-c', `ulimit -f 400; exec node ${script}`);
  expect(await child.do(`open ${path}`)).toBe('done');
  let kept = 1n;
  let outcome = 'done';
  for (; outcome === 'done'; kept += 1n) outcome = await child.do('fill');
  expect(outcome).toMatch(/^E_IO writing .*data.mdb/);
  expect(await child.do('publish')).toBe(outcome);
  expect(await child.do('close')).toBe('done');
  const after = await openLmdbStore(path);
  expect((await after.read('a')).head).toBe(kept - 1n);
  expect((await textsOf(after, 'a')).map((text) => text.length).slice(0, 2)).toEqual([6, 40_000]);
  await publish(after, 'a', 'after');
  await after.close();
});
