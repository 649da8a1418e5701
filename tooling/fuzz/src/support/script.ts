/** Reads an input as a row of decisions. It never runs out: what is missing is zero. */
export class Script {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    return this.#bytes[this.#at++] ?? 0;
  }

  below(bound: number): number {
    return this.byte() % bound;
  }

  flag(): boolean {
    return (this.byte() & 1) === 1;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  word(): number {
    return ((this.byte() << 24) | (this.byte() << 16) | (this.byte() << 8) | this.byte()) >>> 0;
  }

  hyper(): bigint {
    return BigInt.asIntN(64, (BigInt(this.word()) << 32n) | BigInt(this.word()));
  }

  /** One byte for the length, then the bytes. */
  bytes(): Uint8Array {
    const length = this.byte();
    const from = Math.min(this.#at, this.#bytes.length);
    this.#at += length;
    return this.#bytes.slice(from, from + length);
  }

  /** All that is left. */
  rest(): Uint8Array {
    const from = Math.min(this.#at, this.#bytes.length);
    this.#at = this.#bytes.length;
    return this.#bytes.slice(from);
  }
}

/** The bytes that {@link Script} reads as these decisions. */
export function script(...parts: readonly (number | Uint8Array)[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...part])));
}

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
export const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));

/** Text of any bytes: UTF-8 where they are, else one character a byte. */
export function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return Buffer.from(bytes).toString('latin1');
  }
}
