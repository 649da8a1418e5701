import { type Dialer, type Link, type LinkClose, linkPair, TransportError } from '@sealwire/transport';

export interface Frame {
  readonly kind: 'hello' | 'welcome' | 'proof' | 'sealed' | 'heartbeat';
  readonly bytes: Uint8Array;
}

type Frames = readonly Uint8Array[] | Promise<readonly Uint8Array[]>;

/** What an attacker does to each frame: what is returned goes on in its place. Without a word it goes on as it is. */
export interface Attack {
  toServer?(frame: Frame, road: Road): Frames;
  toClient?(frame: Frame, road: Road): Frames;
}

/** One connection of the client, with the attacker sitting in the middle of it. */
export class Road {
  readonly seen: Frame[] = [];
  /** How the server ended it. */
  serverClose: LinkClose | undefined;
  readonly #client: Link;
  readonly #server: Link;
  /** One line for both directions, so that an attack that takes time reorders nothing by accident. */
  #line: Promise<void> = Promise.resolve();

  constructor(client: Link, server: Link, attack: () => Attack) {
    this.#client = client;
    this.#server = server;
    let fromClient = 0;
    let fromServer = 0;
    this.#forward(client, server, (bytes) => {
      const kind = (['hello', 'proof'] as const)[fromClient++] ?? 'sealed';
      return this.#see({ kind, bytes }, attack().toServer);
    });
    this.#forward(server, client, (bytes) => {
      const kind = fromServer++ === 0 ? 'welcome' : bytes.length === 1 ? 'heartbeat' : 'sealed';
      return this.#see({ kind, bytes }, attack().toClient);
    });
  }

  /** Frames of the attacker's own making. */
  toServer(...frames: readonly Uint8Array[]): void {
    this.#server.send(frames);
  }

  toClient(...frames: readonly Uint8Array[]): void {
    this.#client.send(frames);
  }

  /** A close that the server never sent. */
  closeClient(code: number): void {
    this.#client.close(code, '');
  }

  #see(frame: Frame, hook: Attack['toServer']): Frames {
    this.seen.push(frame);
    return hook === undefined ? [frame.bytes] : hook(frame, this);
  }

  #forward(from: Link, to: Link, pass: (bytes: Uint8Array) => Frames): void {
    from.start({
      frames: (frames) => {
        for (const bytes of frames) this.#then(async () => to.send(await pass(bytes)));
      },
      text() {},
      drain() {},
      pong() {},
      close: (close) => {
        if (from === this.#server) this.serverClose = close;
        this.#then(async () => {
          if (close.code === 1005 || close.code === 1006) to.terminate();
          else to.close(close.code, close.reason);
        });
      },
    });
  }

  #then(step: () => Promise<void>): void {
    this.#line = this.#line.then(step);
  }
}

/** The client's dialer over a network that the attacker owns: neither TLS nor this machine, as far as the client can tell. */
export function dialThrough(dialServer: Dialer, met: (client: Link, server: Link) => void): Dialer {
  return async (options) => {
    const { client, server: near } = linkPair();
    if (options.signal.aborted) throw new TransportError('E_DIAL_ABORTED', 'the dial was aborted');
    met(near, await dialServer(options));
    return plain(client);
  };
}

function plain(link: Link): Link {
  return {
    start: (events) => link.start(events),
    send: (frames) => link.send(frames),
    get bufferedBytes() {
      return link.bufferedBytes;
    },
    maxFrameBytes: link.maxFrameBytes,
    close: (code, reason) => link.close(code, reason),
    terminate: () => link.terminate(),
    secure: false,
    local: false,
    remoteAddress: '192.0.2.1',
  };
}
