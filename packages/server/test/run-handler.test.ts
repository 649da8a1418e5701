import { systemScheduler } from '@sealwire/transport';
import { expect, it } from 'vitest';
import { HandlerRunner } from '../src/run-handler.js';

const ignore = () => {};

it('calls no handler and starts no timer once the server has ended', async () => {
  let timers = 0;
  const runner = new HandlerRunner(1_000, {
    ...systemScheduler,
    after(time, run) {
      timers += 1;
      return systemScheduler.after(time, run);
    },
  });
  const running = runner.run(() => new Promise(() => {}), ignore);
  runner.end();
  expect(await running).toMatchObject({ ok: false, error: { code: 'E_CLOSED' } });
  let called = false;
  const late = await runner.run(async () => {
    called = true;
  }, ignore);
  expect(late).toMatchObject({ ok: false, error: { code: 'E_CLOSED' } });
  expect([called, timers]).toEqual([false, 1]);
});
