import { join } from 'node:path';
import { dialWebSocket } from '@sealwire/transport-ws';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { newFolder, removeFolders } from './folders.js';
import { exitCode, runServer, startServer, stopServers } from './programs.js';

afterEach(stopServers);
afterAll(removeFolders);

describe('the program', () => {
  it('says what it made, that it is ready, and how to connect', async () => {
    const data = newFolder();
    const { url, output } = await startServer(['--port', '0', '--data', data]);
    expect(url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/);
    const lines = output().split('\n');
    expect(lines.filter((line) => line.startsWith('Made a new private key'))).toHaveLength(2);
    expect(lines).toContain(`Messages are kept in ${data}: what was confirmed is there after a restart.`);
    expect(output()).toContain(
      `connect with: npm run demo:client -- --url ${url} --id demo --key ${join(data, 'demo.key')} --server-key ${join(data, 'server.pub')}`,
    );
  });

  it('refuses a port in use in one sentence and with code 2', async () => {
    const data = newFolder();
    const { url } = await startServer(['--port', '0', '--data', data]);
    const port = new URL(url).port;
    const keys = ['--server-key', join(data, 'server.key'), '--clients', join(data, 'clients')];
    expect(await runServer(['--port', port, '--data', newFolder(), ...keys])).toEqual({
      code: 2,
      stdout: '',
      stderr: `--port ${port} is in use at 127.0.0.1: stop the program that has it, or give another port (0 picks a free one).\n`,
    });
  });

  it('refuses a data folder that another server has open', async () => {
    const data = newFolder();
    await startServer(['--port', '0', '--data', data]);
    expect(await runServer(['--port', '0', '--data', data])).toEqual({
      code: 2,
      stdout: '',
      stderr: `--data ${data} cannot be used: another server has it open: end that one, or give another folder.\n`,
    });
  });

  it('refuses an address beyond loopback unless told that plaintext is accepted', async () => {
    const data = join(newFolder(), 'never-made');
    const { code, stderr } = await runServer(['--host', '0.0.0.0', '--port', '0', '--data', data]);
    expect(code).toBe(2);
    expect(stderr).toBe(
      '--host 0.0.0.0 can be reached from other machines and this server has no TLS, so anybody on the way could cut, hold back or alter what passes: keep --host 127.0.0.1, or add --allow-plaintext if you accept that.\n',
    );
    const { url } = await startServer([
      '--host',
      '0.0.0.0',
      '--port',
      '0',
      '--data',
      data,
      '--allow-plaintext',
    ]);
    expect(url).toMatch(/^ws:/);
  });

  it.each([
    [['--nonsense'], /^--nonsense is not known: known are .*\.\n$/],
    [
      ['--server-key', 'no-such-file'],
      /^--server-key .*no-such-file does not exist: check the path; the demo server makes keys and prints where\.\n$/,
    ],
    [
      ['--journal', join('no-such-folder', 'x')],
      /^--journal .* cannot be written \(ENOENT\): give another file\.\n$/,
    ],
  ])('ends with code 2 and no stack trace at %j', async (args, sentence) => {
    const { code, stdout, stderr } = await runServer(['--port', '0', '--data', newFolder(), ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(sentence);
  });

  it('shows its flags and ends with 0 when asked for help', async () => {
    const { code, stdout, stderr } = await runServer(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('--allow-plaintext');
  });

  it.skipIf(process.platform === 'win32')('serves on when nobody reads what it says', async () => {
    const { child, url, complaints } = await startServer(['--port', '0', '--data', newFolder()]);
    child.stdout?.destroy();
    const dial = dialWebSocket(url);
    for (let dials = 0; dials < 3; dials += 1) {
      const link = await dial({ signal: AbortSignal.timeout(5_000) });
      const closed = new Promise<void>((resolve) => {
        link.start({ frames() {}, text() {}, drain() {}, pong() {}, close: () => resolve() });
      });
      link.close(1000, '');
      await closed;
    }
    child.kill('SIGTERM');
    expect(await exitCode(child)).toBe(0);
    expect(complaints()).toBe('');
  });

  it.skipIf(process.platform === 'win32').each(['SIGTERM', 'SIGINT'] as const)(
    'drains and ends with 0 at %s',
    async (signal) => {
      const { child, output } = await startServer(['--port', '0', '--data', newFolder()]);
      child.kill(signal);
      expect(await exitCode(child)).toBe(0);
      expect(output()).toContain('draining 0 sessions');
    },
  );
});
