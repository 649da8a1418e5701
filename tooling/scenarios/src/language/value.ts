/** `-1`, `0x7f`, `2^62`, `-2^63`, `2^62-1`; undefined for anything else. */
export function parseInteger(text: string): bigint | undefined {
  const power = /^(-?)2\^(\d+)([+-]\d+)?$/.exec(text);
  if (power !== null) {
    const value = 2n ** BigInt(power[2] ?? '0') * (power[1] === '-' ? -1n : 1n);
    return value + BigInt(power[3]?.replace('+', '') ?? '0');
  }
  return /^(-?\d+|0x[0-9a-f]+)$/.test(text) ? BigInt(text) : undefined;
}

/** `300ms`, `2s`, `0.1s` in milliseconds. */
export function parseDuration(text: string): number | undefined {
  const parts = /^(\d+(?:\.\d+)?)(ms|s)$/.exec(text);
  if (parts === null) return undefined;
  return Number(parts[1]) * (parts[2] === 's' ? 1_000 : 1);
}

/** `1.5`, `-0`, `nan`, `infinity`, `5e-324`. */
export function parseDouble(text: string): number | undefined {
  if (text === 'nan') return Number.NaN;
  if (text === 'infinity') return Number.POSITIVE_INFINITY;
  if (text === '-infinity') return Number.NEGATIVE_INFINITY;
  return /^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}
