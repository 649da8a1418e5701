/** One line of the journal of the demo server (`--journal`). */
export type ServerRecord =
  | { readonly kind: 'handled'; readonly sequence: string; readonly payload: unknown }
  | { readonly kind: 'accepted'; readonly sequence: string }
  | { readonly kind: 'published'; readonly order: string; readonly payload: unknown };
