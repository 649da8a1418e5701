import { crypto } from '@sealwire/crypto';
import type { Hello } from '@sealwire/framing';
import type { Dialer, Link, LinkClose } from '@sealwire/transport';

export interface RawLink {
  readonly link: Link;
  readonly frames: Uint8Array[];
  readonly closed: Promise<LinkClose>;
  readonly next: () => Promise<Uint8Array>;
}

/** A link without a session: whatever a test sends. */
export async function raw({
  transport,
}: {
  readonly transport: { readonly dial: Dialer };
}): Promise<RawLink> {
  const link = await transport.dial({ signal: new AbortController().signal });
  const frames: Uint8Array[] = [];
  let arrived = () => {};
  const closed = new Promise<LinkClose>((close) => {
    link.start({
      frames(batch) {
        frames.push(...batch);
        arrived();
      },
      text() {},
      drain() {},
      pong() {},
      close,
    });
  });
  const next = async () => {
    while (frames.length === 0) await new Promise<void>((resolve) => (arrived = resolve));
    return frames.shift() as Uint8Array;
  };
  return { link, frames, closed, next };
}

export const utf8 = new TextEncoder();
/** One of Alice. */
export const hello = (fields: Partial<Hello> = {}): Hello => ({
  clientId: utf8.encode('alice'),
  lastSeenOrder: -1n,
  clientAesKey: crypto.randomBytes(32),
  ...fields,
});
