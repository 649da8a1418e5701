import { createDecipheriv } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fromHex } from './script.js';

const { resolve } = createRequire(import.meta.url);

function vectors<T>(name: string): T {
  return JSON.parse(readFileSync(resolve(`@sealwire/vectors/${name}.json`), 'utf8')) as T;
}

interface Frame {
  readonly from: 'client' | 'server';
  readonly aesKey: string;
  readonly plain: string;
  readonly frame: string;
}

/** Fields of the handshakes as bytes. */
export function handshakePlaintexts(
  field: 'helloPlain' | 'welcomePlain' | 'helloEncrypted' | 'proof',
): Uint8Array[] {
  return vectors<readonly Record<string, string>[]>('handshakes').map((entry) => fromHex(entry[field] ?? ''));
}

/** Long ones say nothing that short ones do not. */
const longest = 1_024;

export function framePlaintexts(from: Frame['from']): Uint8Array[] {
  return frames()
    .flatMap((frame) => (frame.from === from ? [fromHex(frame.plain)] : []))
    .filter(isShort);
}

export function sealedFrames(): { readonly key: Uint8Array; readonly frame: Uint8Array }[] {
  return frames()
    .map(({ aesKey, frame }) => ({ key: fromHex(aesKey), frame: fromHex(frame) }))
    .filter(({ frame }) => isShort(frame));
}

/** What lies under the seal of frames that must be refused; as much of it as opens. */
export function refusedPlaintexts(): Uint8Array[] {
  return vectors<readonly { readonly frame: string; readonly aesKey?: string }[]>('refused').flatMap(
    ({ frame, aesKey }) => {
      const bytes = fromHex(frame);
      if (aesKey === undefined || bytes.length < 32 || bytes.length % 16 !== 0) return [];
      const decipher = createDecipheriv('aes-256-cbc', fromHex(aesKey), bytes.subarray(0, 16)).setAutoPadding(
        false,
      );
      return [new Uint8Array(decipher.update(bytes.subarray(16)))].filter(isShort);
    },
  );
}

export function challenges(): { readonly challenge: Uint8Array; readonly refused: boolean }[] {
  const { guard } = vectors<{
    readonly guard: readonly { readonly challenge: string; readonly refused: string | null }[];
  }>('hardening');
  return guard.map(({ challenge, refused }) => ({
    challenge: fromHex(challenge),
    refused: refused !== null,
  }));
}

export type KeyForm = 'privatePkcs1' | 'privatePkcs8' | 'publicPkcs1' | 'publicSpki';

export function keyTexts(form: KeyForm): string[] {
  const { keys } = vectors<{ readonly keys: Readonly<Record<string, Record<KeyForm, string>>> }>('keys');
  return Object.values(keys).map((key) => key[form]);
}

function frames(): readonly Frame[] {
  return vectors<readonly Frame[]>('frames');
}

function isShort({ length }: Uint8Array): boolean {
  return length <= longest;
}
