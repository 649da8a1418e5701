/**
 * What one household, company or attacker owns at the least, and so what a limit "per address" counts: an IPv4 address,
 * or a /64 of IPv6. An IPv6 address that stands for an IPv4 one (mapped, compatible, or of NAT64, RFC 4291 section 2.5.5
 * and RFC 6052 section 2.1) counts as that one, however it is written. Everything that is no IP address is one network,
 * the empty text.
 *
 * @param address as `remoteAddress` of a link gives it; a zone id (`%eth0`) is left out
 */
export function networkOf(address: string | undefined): string {
  const bare = address?.replace(/%.*$/s, '') ?? '';
  const groups = bare.includes(':') ? groupsOf(bare) : ipv4Groups(bare);
  if (groups === undefined) return '';
  if (groups.length === 2 || isIpv4Inside(groups)) return ipv4Text(groups.slice(-2));
  return groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':');
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): number[] | undefined {
  // Only the end of it may be written like IPv4.
  if (/\..*:/s.test(address)) return undefined;
  const halves = address.split('::').map(partOf);
  const [left, right] = halves;
  if (halves.length > 2 || left === undefined) return undefined;
  if (halves.length === 1) return left.length === 8 ? left : undefined;
  if (right === undefined || left.length + right.length > 7) return undefined;
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
}

function partOf(part: string): number[] | undefined {
  if (part === '') return [];
  const words = part.split(':');
  const last = words.at(-1)?.includes('.') ? ipv4Groups(words.pop() ?? '') : [];
  if (last === undefined || !words.every((word) => /^[0-9a-f]{1,4}$/i.test(word))) return undefined;
  return [...words.map((word) => Number.parseInt(word, 16)), ...last];
}

function ipv4Groups(address: string): number[] | undefined {
  const bytes = address.split('.').map((byte) => (/^\d{1,3}$/.test(byte) ? Number(byte) : 256));
  const [a = 256, b = 256, c = 256, d = 256] = bytes;
  if (bytes.length !== 4 || bytes.some((byte) => byte > 255)) return undefined;
  return [(a << 8) | b, (c << 8) | d];
}

function ipv4Text(groups: readonly number[]): string {
  return groups.map((group) => `${group >> 8}.${group & 0xff}`).join('.');
}

/** `::ffff:0:0/96`, `64:ff9b::/96`, and `::/96` but for the addresses `::` and `::1`. */
function isIpv4Inside(groups: readonly number[]): boolean {
  const prefix = groups.slice(0, 6).join(' ');
  if (prefix === '0 0 0 0 0 65535' || prefix === '100 65435 0 0 0 0') return true;
  return prefix === '0 0 0 0 0 0' && (groups[6] !== 0 || (groups[7] ?? 0) > 1);
}
