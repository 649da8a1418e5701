import { decodeJson, SessionError } from '@sealwire/session';

/** What a line of input asks for. */
export type Command =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'send'; readonly payload: unknown }
  | { readonly kind: 'call'; readonly payload: unknown }
  | { readonly kind: 'cut' }
  | { readonly kind: 'status' }
  | { readonly kind: 'help' }
  | { readonly kind: 'quit' }
  /** The line cannot be understood; `reason` is a sentence. */
  | { readonly kind: 'bad'; readonly reason: string };

const words = ['cut', 'status', 'help', 'quit'] as const;

export function parseCommand(line: string): Command {
  const text = line.trim();
  if (text === '') return { kind: 'nothing' };
  const word = words.find((name) => name === text);
  if (word !== undefined) return { kind: word };
  const call = /^rpc(?:\s+(.*))?$/s.exec(text);
  try {
    if (call === null) return { kind: 'send', payload: parse(text) };
    return { kind: 'call', payload: parse(call[1] ?? '') };
  } catch (error) {
    if (error instanceof SessionError) return { kind: 'bad', reason: `It cannot be sent: ${error.message}.` };
    const reason =
      call === null
        ? 'This is neither JSON nor a command: type JSON, rpc JSON, cut, status, help or quit.'
        : 'What follows rpc is not JSON: type rpc {"@type":"Echo"}, for example.';
    return { kind: 'bad', reason };
  }
}

/** Of JSON as strict as of a received payload: a number that would be rounded is refused, and so is nesting without an end. */
function parse(text: string): unknown {
  JSON.parse(text);
  return decodeJson(new TextEncoder().encode(text));
}
