const LOOPBACK_IPV4 = /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/;

/** Whether a host name, as the WHATWG URL parser writes it (`hostname`), means this machine. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || LOOPBACK_IPV4.test(host);
}

/** Whether an IP address, as the operating system writes it, belongs to this machine's loopback. */
export function isLoopbackAddress(address: string | undefined): boolean {
  if (address === undefined) return false;
  return address === '::1' || LOOPBACK_IPV4.test(address.replace(/^::ffff:/, ''));
}
