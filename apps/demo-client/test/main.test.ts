import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newFolder, removeFolders } from './folders.js';
import { type RunningServer, run, runUnread, startServer, stopPrograms } from './programs.js';

let server: RunningServer;

beforeAll(async () => {
  server = await startServer('--lab');
});

afterAll(() => {
  stopPrograms();
  removeFolders();
});

const demo = () => ['--url', server.url, '--id', 'demo', ...server.keys];
const withoutTimes = (text: string) =>
  text.replace(/^(#\d+ {2})\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}/gm, '$1TIME');

describe('the client without a terminal', () => {
  it('sends, calls, shows events, and ends with 0 when all has come to its end', async () => {
    const journal = join(newFolder(), 'journal');
    const { code, stdout, stderr } = await run(
      'main',
      [...demo(), '--journal', journal],
      ['{"@type":"Hello"}', '', 'rpc {"@type":"Echo","a":[1]}', 'rpc {"@type":"Emit","count":2,"bytes":40}'],
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(withoutTimes(stdout).trimEnd().split('\n').sort()).toEqual(
      [
        '* connected: the server has no message of this client yet',
        'sent as message 0',
        '#1  TIME  {"@type":"Accepted","sequence":"0","message":{"@type":"Hello"}}',
        'message 0 is accepted',
        'answer: {"@type":"Echo","a":[1]}',
        '#2  TIME  {"@type":"Event","n":0,"fill":"xxxxxxx"}',
        '#3  TIME  {"@type":"Event","n":1,"fill":"xxxxxxx"}',
        'answer: {"@type":"Emitted","count":2}',
      ].sort(),
    );
    const kinds = readFileSync(journal, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).kind);
    expect(kinds.sort()).toEqual([
      'answered',
      'answered',
      'called',
      'called',
      'outcome',
      'received',
      'received',
      'received',
      'sent',
    ]);
  });

  it('goes on after a cut, with the next SEQUENCE, and loses nothing', async () => {
    const input = [
      '{"n":1}',
      'cut',
      'status',
      '{"n":2}',
      'rpc {"@type":"Echo"}',
      'cut',
      '{"n":3}',
      'quit',
      '{"n":4}',
    ];
    const { code, stdout } = await run('main', [...demo(), '--reconnect-max', '100'], input);
    expect(code).toBe(0);
    expect(stdout.match(/^the link is cut$/gm)).toHaveLength(2);
    expect(stdout.match(/^\* no link: the link was cut; trying again$/gm)).toHaveLength(2);
    expect(stdout.match(/^\* connected again after \d\.\d\d s: /gm)).toHaveLength(2);
    expect(stdout).toContain('answer: {"@type":"Echo"}');
    expect(stdout.match(/"message":\{"n":\d\}/g)).toEqual([
      '"message":{"n":1}',
      '"message":{"n":2}',
      '"message":{"n":3}',
    ]);
    for (const sequence of [1, 2, 3]) expect(stdout).toContain(`message ${sequence} is accepted`);
  });

  it('ends with 1 when something failed, and says what', async () => {
    const input = ['[1]', 'nonsense', 'rpc {"@type":"Other"}', 'rpc {"@type":"Echo","still":"here"}'];
    const { code, stdout, stderr } = await run('main', [...demo(), '--reconnect-max', '100'], input);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toContain('is refused: a message is a JSON object, such as {"@type":"Hello"}');
    expect(stdout).toContain('This is neither JSON nor a command: ');
  });

  it('is not cut off by an unknown call', async () => {
    const input = ['rpc {"@type":"Other"}', 'rpc {"@type":"Echo"}'];
    const { code, stdout } = await run('main', demo(), input);
    expect(code).toBe(1);
    expect(stdout).toContain('no answer: the calls known here have the @type Echo or Emit');
    expect(stdout).toContain('answer: {"@type":"Echo"}');
    expect(stdout).not.toContain('no link');
  });

  it('gets every event of a large Emit, in order', async () => {
    const emit = 'rpc {"@type":"Emit","count":20000,"bytes":60}';
    const { code, stdout } = await run('main', demo(), [emit]);
    expect(code).toBe(0);
    const events = stdout.slice(stdout.indexOf('"n":0,"fill":"xxxxxxxxxxxxxxxxxxxxxxxxxxx"'));
    const numbers = [...events.matchAll(/"n":(\d+),"fill"/g)].map((match) => Number(match[1]));
    expect(numbers).toEqual(Array.from({ length: 20_000 }, (_, n) => n));
  });
});

describe('the client in trouble', () => {
  it('says that a message and a call wait for the link, and counts them', async () => {
    const input = ['cut', '{"while":"down"}', 'status'];
    const { code, stdout } = await run('main', [...demo(), '--reconnect-max', '100'], input);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^the link is cut\n(?:\* .*\n)*waiting for the link$/m);
  });

  it.skipIf(process.platform === 'win32')('ends without a word when nobody reads its output', async () => {
    const { code, stderr } = await runUnread(demo(), '{"un":"read"}');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe('an address', () => {
  it('with a path that nobody serves is told so', async () => {
    const http = createServer((_, response) => response.writeHead(404).end());
    http.on('upgrade', (_, socket) => socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'));
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const address = http.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const url = `ws://127.0.0.1:${address.port}/some/where`;
    const { code, stderr } = await run('main', ['--url', url, ...demo().slice(2)]);
    http.close();
    expect(code).toBe(2);
    expect(stderr).toBe(
      `--url ${url}: nothing is served at the path /some/where there (404): check the path.\n`,
    );
  });

  it('with TLS where none is spoken is told so, without the words of OpenSSL', async () => {
    const url = server.url.replace('ws:', 'wss:');
    const { code, stdout, stderr } = await run('main', ['--url', url, ...demo().slice(2)]);
    expect(code).toBe(1);
    expect(stdout + stderr).toContain('no TLS is spoken there: ws:// perhaps?');
    expect(stdout + stderr).not.toMatch(/ssl|routines/i);
  }, 20_000);
});

describe('wrong options', () => {
  it.each([
    [['--nonsense'], /^--nonsense is not known: known are .*\.\n$/],
    [['--url', 'x', '--id', 'a'], /^--key is missing: .*\.\n$/],
  ])('%j end with code 2 and one sentence', async (args, sentence) => {
    const { code, stdout, stderr } = await run('main', args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(sentence);
  });

  it('such as an address that is none, or one beyond this machine without TLS', async () => {
    const bad = await run('main', [...demo().slice(2), '--url', 'nonsense']);
    expect(bad).toEqual({
      code: 2,
      stdout: '',
      stderr:
        '--url nonsense cannot be dialed: give an address such as ws://127.0.0.1:8080 or wss://example.com/path.\n',
    });
    const far = await run('main', [...demo().slice(2), '--url', 'ws://192.0.2.1:1']);
    expect(far.code).toBe(2);
    expect(far.stderr).toMatch(
      /^--url ws:\/\/192\.0\.2\.1:1 has no TLS and leads beyond this machine, .*\.\n$/,
    );
  });

  it('such as key files that are missing, mixed up or no keys', async () => {
    const [, key = '', , serverKey = ''] = server.keys;
    const start = ['--url', server.url, '--id', 'demo'];
    const mixed = await run('main', [...start, '--key', serverKey, '--server-key', serverKey]);
    expect(mixed).toEqual({
      code: 2,
      stdout: '',
      stderr: `--key ${serverKey} holds a public key where the private one is needed: give the file of the private key.\n`,
    });
    const private_ = await run('main', [...start, '--key', key, '--server-key', key]);
    expect(private_.stderr).toBe(
      `--server-key ${key} holds a private key where the public one is needed: give the file of the public key.\n`,
    );
    const none = await run('main', [...start, '--key', `${key}x`, '--server-key', serverKey]);
    expect(none).toMatchObject({
      code: 2,
      stderr: `--key ${key}x does not exist: check the path; the demo server makes keys and prints where.\n`,
    });
  });

  it('such as an id that is too long for the key', async () => {
    const { code, stderr } = await run('main', [
      '--url',
      server.url,
      '--id',
      'x'.repeat(165),
      ...server.keys,
    ]);
    expect(code).toBe(2);
    expect(stderr).toBe(
      "--id has 165 characters, and the hello under this server's key has room for 164: take an id of at most 64.\n",
    );
  });

  it('such as an id that the server does not know', async () => {
    const args = ['--url', server.url, '--id', 'stranger', ...server.keys];
    expect(await run('main', args)).toEqual({
      code: 2,
      // What is wrong with a welcome that is not for this key, it says at each try.
      stdout: expect.stringContaining('trying again'),
      stderr:
        'The handshake fails at this side: check that the server knows --id stranger, and by the public half of --key.\n',
    });
  });
});
