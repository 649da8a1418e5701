/** The sizes that every store accepts, so that an application may change stores. Larger is refused. */
export const STORE_LIMITS = {
  /** bytes of UTF-8 */
  clientId: 256,
  /** bytes of UTF-8 */
  key: 1024,
  /** bytes of one published or sent message */
  json: 16_777_216,
  /** bytes of one value of the application */
  value: 16_777_216,
  /** bytes of UTF-8 */
  refusal: 4096,
  /** bytes of UTF-8 */
  layout: 64,
  /** publishes and puts of one commit together */
  commitItems: 65_536,
  /** bytes of all `json` and `value` of one commit together */
  commitBytes: 67_108_864,
  /** bytes of what a client remembers of its server */
  pin: 65_536,
} as const;
