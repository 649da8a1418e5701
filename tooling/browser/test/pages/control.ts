/** What a page asks the Node process to do, and what it is told: the far end of the links under test is there. */
export type Command =
  | { readonly do: 'listen'; readonly listener: number }
  | { readonly do: 'unlisten'; readonly listener: number }
  | { readonly do: 'send'; readonly link: number; readonly frames: readonly string[] }
  | { readonly do: 'close'; readonly link: number; readonly code: number; readonly reason: string }
  | { readonly do: 'start' | 'terminate' | 'pause' | 'resume' | 'ping'; readonly link: number };

export type Report =
  | { readonly tell: 'listening'; readonly listener: number; readonly url: string }
  | { readonly tell: 'unlistened'; readonly listener: number }
  | {
      readonly tell: 'accepted';
      readonly listener: number;
      readonly link: number;
      readonly maxFrameBytes: number;
    }
  | { readonly tell: 'frames'; readonly link: number; readonly frames: readonly string[] }
  | { readonly tell: 'text' | 'drain' | 'pong'; readonly link: number }
  | { readonly tell: 'close'; readonly link: number; readonly code: number; readonly reason: string };

/** Bytes as text for JSON. */
export function toText(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8_192) text += String.fromCharCode(...bytes.subarray(i, i + 8_192));
  return btoa(text);
}

export function toBytes(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

/** What the two ends can do: a page less than Node. */
export const capabilities = {
  client: {
    holdsBack: false,
    pausing: false,
    pinging: false,
    hearing: false,
    cutting: false,
    allCodes: false,
  },
  server: { holdsBack: true, pausing: true, pinging: true, hearing: false, cutting: true, allCodes: true },
};
