import { type Codec, codec } from '../codec.js';

/** `void` (RFC 4506 section 4.16): no bytes; `undefined`. Anything else is refused on encode. */
export const voidType: Codec<undefined> = codec<undefined>(
  0,
  (writer, value) => {
    if (value !== undefined) writer.fail('E_TYPE', 'expected undefined');
  },
  () => undefined,
);
