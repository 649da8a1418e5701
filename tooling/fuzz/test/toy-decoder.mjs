/** A decoder with a fault behind four bytes that no random input hits together. */
export function decodeToy(bytes) {
  if (bytes[0] !== 0x53) throw refused();
  if (bytes[1] !== 0x57) throw refused();
  if (bytes[2] !== 0x31) throw refused();
  if (bytes[3] !== 0x7f) return bytes.length;
  return bytes.fault.length;
}

function refused() {
  return Object.assign(new Error('not a toy'), { name: 'ToyError', code: 'E_TOY' });
}
