import type { Target } from '../engine/target.js';

const root = new URL('../../../../', import.meta.url);

/** The modules of a target as V8 names them. */
export function sourceUrls({ sources }: Target): string[] {
  return sources.map((path) => new URL(path, root).href);
}

/** The other way round, for people. */
export function pathOf(url: string): string {
  return url.startsWith(root.href) ? url.slice(root.href.length) : url;
}
