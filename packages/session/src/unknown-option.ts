/**
 * Says which name in an object of options is none of the known ones, and which was probably meant. A misspelt name
 * would otherwise be ignored, and its default taken, without a word.
 *
 * @param prefix the name of the group and a dot, or nothing
 * @returns a sentence, or undefined when every name is known
 */
export function unknownOption(prefix: string, given: object, known: readonly string[]): string | undefined {
  const name = Object.keys(given).find((each) => !known.includes(each));
  if (name === undefined) return undefined;
  const near = known.find((each) => isNear(each, name));
  const question = near === undefined ? '' : `: is it ${prefix}${near}?`;
  return `the option ${prefix}${name} does not exist${question}`;
}

/** Do they differ, letter case aside, in one place of at most two characters? */
function isNear(one: string, other: string): boolean {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  const shorter = Math.min(a.length, b.length);
  let head = 0;
  while (head < shorter && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  return Math.max(a.length, b.length) - head - tail <= 2 && head + tail > 0;
}
