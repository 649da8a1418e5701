import type { Link, LinkEvents } from '@sealwire/transport';
import type { SimProcess } from './sim-process.js';

/**
 * A link as a process has it: what comes enters the process, and a dead one sends nothing.
 *
 * @param between who stands between the link and the process
 * @param local do the bytes stay on the machine?
 * @param pausing how its owner stops reading
 */
export function processLink(
  link: Link,
  process: SimProcess,
  between: (link: Link, owner: LinkEvents) => LinkEvents,
  local: boolean,
  pausing: Link['pausing'],
): Link {
  return {
    start(owner) {
      const events = between(link, owner);
      link.start({
        frames: (frames) => process.enter(() => events.frames(frames)),
        text: () => process.enter(() => events.text()),
        drain: () => process.enter(() => events.drain()),
        pong: () => process.enter(() => events.pong()),
        close: (close) => process.enter(() => events.close(close)),
      });
    },
    send(frames) {
      if (process.alive) link.send(frames);
    },
    get bufferedBytes() {
      return link.bufferedBytes;
    },
    get silentFor() {
      return link.silentFor;
    },
    maxFrameBytes: link.maxFrameBytes,
    close(code, reason) {
      if (process.alive) link.close(code, reason);
    },
    terminate() {
      if (process.alive) link.terminate();
    },
    secure: link.secure,
    local,
    remoteAddress: link.remoteAddress,
    ...(pausing && { pausing }),
    ...(link.pinging && { pinging: link.pinging }),
  };
}
