/** A decoder with a fault behind five bytes that no random input hits together. */
export function decodeToy(bytes) {
  if (bytes[0] >> 4 !== 0x5) throw refused();
  if (bytes[1] >> 4 !== 0x7) throw refused();
  if (bytes[2] >> 4 !== 0x3) throw refused();
  if (bytes[3] >> 4 !== 0xc) throw refused();
  if (bytes[4] >> 4 !== 0xa) return bytes.length;
  return bytes.fault.length;
}

function refused() {
  return Object.assign(new Error('not a toy'), { name: 'ToyError', code: 'E_TOY' });
}
