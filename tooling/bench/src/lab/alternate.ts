/** One repetition: what was measured, by name. */
type Sample = Readonly<Record<string, number>>;

/** All repetitions, in their order. */
export type Series<S> = { readonly [M in keyof S]: readonly number[] };

type Contestants = Readonly<Record<string, () => Promise<Sample>>>;

export type Outcome<C extends Contestants> = {
  readonly [Name in keyof C]: Series<Awaited<ReturnType<C[Name]>>>;
};

/**
 * Runs the contestants in turn, so that a machine that is slow for a while is slow for all of them. Each repetition
 * has another order, so that none always follows the same one.
 */
export async function alternate<C extends Contestants>(
  contestants: C,
  repetitions: number,
): Promise<Outcome<C>> {
  const names = Object.keys(contestants);
  const outcome = new Map<string, Map<string, number[]>>(names.map((name) => [name, new Map()]));
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (const name of orderOf(names, repetition)) {
      const sample = (await contestants[name]?.()) ?? {};
      for (const [what, value] of Object.entries(sample)) {
        if (!Number.isFinite(value)) throw new Error(`${what} of ${name} is ${value}`);
        const series = outcome.get(name);
        series?.set(what, [...(series.get(what) ?? []), value]);
      }
    }
  }
  const named = [...outcome].map(([name, series]) => [name, Object.fromEntries(series)]);
  return Object.fromEntries(named) as Outcome<C>;
}

/** Each begins in turn, and every other repetition goes backwards. */
function orderOf(names: readonly string[], repetition: number): readonly string[] {
  const first = repetition % names.length;
  const order = [...names.slice(first), ...names.slice(0, first)];
  return repetition % 2 === 0 ? order : order.toReversed();
}
