import type { Link, LinkClose } from '@sealwire/transport';
import { linkSuite } from '@sealwire/transport/testkit';
import { dialWebSocket } from '@sealwire/transport-ws';
import { capabilities } from './control.js';
import { collecting } from './facts.js';
import { remoteListen } from './remote-listener.js';

const listen = await remoteListen(`ws://${location.host}/control`);

linkSuite(collecting, {
  name: 'WebSocket of Chromium',
  listen,
  dialer: (url) => dialWebSocket(url),
  ...capabilities,
  sendText,
});

async function sendText(url: string): Promise<void> {
  const ws = new WebSocket(url);
  ws.onopen = () => ws.send('text');
}

/** Opens a link of the page, lets the far end send to it, and gives what the page's link told at its end. */
async function closeAfter(
  sizes: readonly number[],
  startAfterwards: boolean,
): Promise<LinkClose & { frames: number }> {
  let onAccept: (link: Link) => void = () => {};
  const accepted = new Promise<Link>((resolve) => {
    onAccept = resolve;
  });
  const listener = await listen((link) => onAccept(link));
  // Apart, because the types are those of Node, which has no maxWaitingBytes.
  const bounds = { maxPayload: 1_000, maxWaitingBytes: 1_500, closeTimeout: 1_000 };
  const dial = dialWebSocket(listener.url, bounds);
  const link = await dial({ signal: new AbortController().signal });
  const server = await accepted;
  const ended = new Promise<LinkClose & { frames: number }>((resolve) => {
    let count = 0;
    const events = {
      frames: (frames: readonly Uint8Array[]) => {
        count += frames.length;
      },
      text() {},
      drain() {},
      pong() {},
      close: ({ code, reason }: LinkClose) => resolve({ code, reason, frames: count }),
    };
    if (!startAfterwards) link.start(events);
    server.start({
      ...events,
      frames() {},
      close: () => {
        if (startAfterwards) link.start(events);
      },
    });
    server.send(sizes.map((size) => new Uint8Array(size)));
  });
  const result = await ended;
  await listener.close();
  return result;
}

declare global {
  interface Window {
    closeAfter: typeof closeAfter;
    codeOfDial(url: string): Promise<unknown>;
  }
}

window.closeAfter = closeAfter;
window.codeOfDial = (url) =>
  dialWebSocket(url, { handshakeTimeout: 100 })({ signal: new AbortController().signal }).then(
    () => 'opened',
    (error) => error.code,
  );
document.title = 'ready';
