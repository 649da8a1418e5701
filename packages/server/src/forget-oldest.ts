/** Deletes what was put in first until no more than `max` are left. */
export function forgetOldest(kept: Map<string, unknown> | Set<string>, max: number): void {
  for (const oldest of kept.keys()) {
    if (kept.size <= max) return;
    kept.delete(oldest);
  }
}
