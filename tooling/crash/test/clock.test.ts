import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { broken, confirmed, patient, said, scenes } from './scene.js';

const open = scenes();
const hour = 3_600_000;
const decade = 10 * 365 * 24 * hour;
const offsets = [hour, -hour, decade, -decade, 1_000];
const shifted = {
  nodeArgs: ['--import', pathToFileURL(new URL('shifted-clock.mjs', import.meta.url).pathname).href],
  env: { CLOCK_OFFSETS: offsets.join() },
};

it('a wall clock that jumps by hours and years on both sides changes nothing [C1]', patient, async () => {
  const stage = await open(['alice', 'bob']);
  const server = await stage.startServer({}, shifted);
  const clients = stage.clientIds.map((id) => [id, stage.startClient(id, {}, shifted)] as const);
  for (const id of stage.clientIds) await confirmed(stage, id, 5);
  const sessions = () =>
    stage.clientIds.map((id) => stage.clientRecords(id).filter(({ kind }) => kind === 'live').length);
  const before = sessions();
  const years: number[] = [];
  for (let jump = 1; jump <= offsets.length; jump += 1) {
    for (const program of [server, ...clients.map(([, client]) => client)]) {
      program.kill('SIGUSR2');
      years.push(Number((await said(program, /^clock (\d+)$/))[1]));
    }
    for (const id of stage.clientIds) await confirmed(stage, id, 5 + jump * 5);
  }
  expect(Math.max(...years) - Math.min(...years)).toBeGreaterThanOrEqual(19);
  // The links of before.
  expect(sessions()).toEqual(before);
  await stage.finish(server, clients);
  expect(await broken(stage)).toEqual([]);
});
