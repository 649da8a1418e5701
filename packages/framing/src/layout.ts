/**
 * The two ways in which the protocol's fields are laid out in a frame. `documented` is the document's; `deployed`
 * is what the exchange's own first client (0.3.3) puts on the wire: the type moves under the signature and the
 * server's frames lose their inner opaque. A session never changes its layout once it is known.
 */
export type Layout = 'documented' | 'deployed';
