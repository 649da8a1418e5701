import { checkClose, type Link, type LinkEvents, type Listen, TransportError } from '@sealwire/transport';
import { type Command, type Report, toBytes, toText } from './control.js';

/** A link that lives in the Node process, as the page sees it. `bufferedBytes` is not known here. */
class RemoteLink implements Link {
  readonly #command: (command: Command) => void;
  readonly #id: number;
  #events: LinkEvents | undefined;
  #closing = false;
  readonly maxFrameBytes: number;
  readonly bufferedBytes = 0;
  readonly secure = false;
  readonly local = true;
  readonly remoteAddress = '127.0.0.1';
  readonly pausing = { pause: () => this.#do('pause'), resume: () => this.#do('resume') };
  readonly pinging = { ping: () => this.#do('ping') };

  constructor(command: (command: Command) => void, id: number, maxFrameBytes: number) {
    this.#command = command;
    this.#id = id;
    this.maxFrameBytes = maxFrameBytes;
  }

  start(events: LinkEvents): void {
    if (this.#events !== undefined) throw new TransportError('E_STARTED', 'a link is started only once');
    this.#events = events;
    this.#do('start');
  }

  send(frames: readonly Uint8Array[]): void {
    if (!this.#closing) this.#command({ do: 'send', link: this.#id, frames: frames.map(toText) });
  }

  close(code: number, reason: string): void {
    const fitting = checkClose(code, reason);
    this.#closing = true;
    this.#command({ do: 'close', link: this.#id, code, reason: fitting });
  }

  terminate(): void {
    this.#closing = true;
    this.#do('terminate');
  }

  hear(report: Report): void {
    if (report.tell === 'close') this.#events?.close({ code: report.code, reason: report.reason });
    else if (this.#closing) return;
    else if (report.tell === 'frames') this.#events?.frames(report.frames.map(toBytes));
    else if (report.tell === 'text') this.#events?.text();
    else if (report.tell === 'drain') this.#events?.drain();
    else if (report.tell === 'pong') this.#events?.pong();
  }

  #do(what: 'start' | 'terminate' | 'pause' | 'resume' | 'ping'): void {
    this.#command({ do: what, link: this.#id });
  }
}

/** Listens in the Node process that has served this page. */
export async function remoteListen(url: string): Promise<Listen> {
  const control = new WebSocket(url);
  const links = new Map<number, RemoteLink>();
  const accepts = new Map<number, (link: Link) => void>();
  const waiting = new Map<string, (url: string) => void>();
  const command = (what: Command) => control.send(JSON.stringify(what));
  const answer = (key: string) => new Promise<string>((resolve) => waiting.set(key, resolve));
  let listeners = 0;

  control.onmessage = ({ data }: MessageEvent<string>) => {
    const report = JSON.parse(data) as Report;
    if (report.tell === 'listening') waiting.get(`listening ${report.listener}`)?.(report.url);
    else if (report.tell === 'unlistened') waiting.get(`unlistened ${report.listener}`)?.('');
    else if (report.tell === 'accepted') {
      const link = new RemoteLink(command, report.link, report.maxFrameBytes);
      links.set(report.link, link);
      accepts.get(report.listener)?.(link);
    } else links.get(report.link)?.hear(report);
  };
  await new Promise((resolve, reject) => {
    control.onopen = resolve;
    control.onerror = reject;
  });

  return async (accept) => {
    const listener = listeners++;
    accepts.set(listener, accept);
    command({ do: 'listen', listener });
    return {
      url: await answer(`listening ${listener}`),
      async close() {
        command({ do: 'unlisten', listener });
        await answer(`unlistened ${listener}`);
      },
    };
  };
}
