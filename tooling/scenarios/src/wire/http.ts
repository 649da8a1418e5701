import { acceptKey } from './websocket.js';

const key = 'dGhlIHNhbXBsZSBub25jZQ==';

/** What a client of RFC 6455, section 4.1, asks for. */
export function upgradeRequest(path: string, headers: readonly string[]): string {
  return lines([
    `GET ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${key}`,
    ...headers,
  ]);
}

/** What a server of RFC 6455, section 4.2.2, answers to `head`. */
export function upgradeAnswer(head: string, headers: readonly string[]): string {
  const asked = /^sec-websocket-key: *(\S+)/im.exec(head)?.[1] ?? '';
  return lines([
    'HTTP/1.1 101 Switching Protocols',
    'Connection: Upgrade',
    'Upgrade: websocket',
    `Sec-WebSocket-Accept: ${acceptKey(asked)}`,
    ...headers,
  ]);
}

export function refusal(status: number, headers: readonly string[]): string {
  return lines([`HTTP/1.1 ${status} No`, 'Content-Length: 0', 'Connection: close', ...headers]);
}

/** Is `head` the answer that was asked for, and nothing more? */
export function isUpgraded(head: string): boolean {
  return (
    head.startsWith('HTTP/1.1 101 ') &&
    head.includes(`Sec-WebSocket-Accept: ${acceptKey(key)}`) &&
    !/^sec-websocket-extensions:/im.test(head)
  );
}

function lines(all: readonly string[]): string {
  return `${all.join('\r\n')}\r\n\r\n`;
}
