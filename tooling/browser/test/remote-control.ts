import type { Link, Listener } from '@sealwire/transport';
import { listenWebSocket } from '@sealwire/transport-ws';
import type { WebSocket } from 'ws';
import { type Command, type Report, toBytes, toText } from './pages/control.js';

/** Does in Node what the page asks for over `control`. */
export function obey(control: WebSocket): void {
  const listeners = new Map<number, Listener>();
  const links = new Map<number, Link>();
  const tell = (report: Report) => control.send(JSON.stringify(report));

  async function listen(id: number): Promise<void> {
    const listener = await listenWebSocket({ port: 0 })((link) => {
      const number = links.size;
      links.set(number, link);
      tell({ tell: 'accepted', listener: id, link: number, maxFrameBytes: link.maxFrameBytes });
    });
    listeners.set(id, listener);
    tell({ tell: 'listening', listener: id, url: listener.url });
  }

  async function unlisten(id: number): Promise<void> {
    await listeners.get(id)?.close();
    tell({ tell: 'unlistened', listener: id });
  }

  function start(id: number, link: Link): void {
    link.start({
      frames: (frames) => tell({ tell: 'frames', link: id, frames: frames.map(toText) }),
      text: () => tell({ tell: 'text', link: id }),
      drain: () => tell({ tell: 'drain', link: id }),
      pong: () => tell({ tell: 'pong', link: id }),
      close: ({ code, reason }) => tell({ tell: 'close', link: id, code, reason }),
    });
  }

  control.on('message', (data) => {
    const command = JSON.parse(data.toString()) as Command;
    if (command.do === 'listen') return void listen(command.listener);
    if (command.do === 'unlisten') return void unlisten(command.listener);
    const link = links.get(command.link);
    if (link === undefined) return;
    if (command.do === 'send') link.send(command.frames.map(toBytes));
    else if (command.do === 'close') link.close(command.code, command.reason);
    else if (command.do === 'start') start(command.link, link);
    else if (command.do === 'terminate') link.terminate();
    else if (command.do === 'pause') link.pausing?.pause();
    else if (command.do === 'resume') link.pausing?.resume();
    else link.pinging?.ping();
  });
}
