import { readdirSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { newFolder, removeFolders } from '../folders.js';
import { run, stopPrograms } from '../programs.js';

afterAll(() => {
  stopPrograms();
  removeFolders();
});

describe('the demo', () => {
  it('loses, doubles and reorders nothing through at least six cuts', { timeout: 60_000 }, async () => {
    const temporary = newFolder();
    const environment = { TMPDIR: temporary, TEMP: temporary, TMP: temporary };
    const { code, stdout, stderr } = await run('demo', ['--seed', '1'], [], environment);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^seed 1 /);
    expect(stdout.match(/ cut \d+: the link is /g)?.length).toBeGreaterThanOrEqual(6);
    expect(stdout.match(/ during the handshake, /g)).toHaveLength(2);
    expect(stdout.match(/ client: connected again after /g)?.length).toBeGreaterThan(0);
    expect(stdout).toMatch(/^messages, client to server +400 +400 +- +- +0 +0 +0$/m);
    expect(stdout).toMatch(/^events, server to client +- +- +(\d+) +\1 +0 +0 +0$/m);
    expect(stdout).toMatch(/^messages there, their events back +400 +400 +400 +400 +0 +0 +0$/m);
    expect(stdout).toMatch(/^calls, there and back +60 +- +- +\d+ +0 +0 +0$/m);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('refuses a seed that is none in one sentence', async () => {
    expect(await run('demo', ['--seed', 'x'])).toEqual({
      code: 2,
      stdout: '',
      stderr: '--seed x is not a whole number from 0 to 4294967295: give one.\n',
    });
  });
});
