/**
 * Upper bounds that decoding checks before it looks at the bytes. All in bytes. To change one:
 * `{ ...defaultLimits, json: 65_536 }`.
 */
export interface FramingLimits {
  readonly clientId: number;
  readonly dataToSign: number;
  readonly signature: number;
  readonly json: number;
  readonly errorText: number;
}

/**
 * The largest values that the protocol's own sizes allow: ids and challenges fill an 8192-bit OAEP block, a
 * signature is as long as the largest modulus, JSON and texts end with the largest frame that a link may take.
 */
export const defaultLimits: FramingLimits = {
  clientId: 1024,
  dataToSign: 1024,
  signature: 1024,
  json: 16_777_216,
  errorText: 16_777_216,
};
